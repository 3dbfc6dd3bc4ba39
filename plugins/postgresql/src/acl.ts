import type { Acl, Json, Principal } from '@cx/core'
import { parseJson } from './values.ts'

/** Nobody: an empty set that no one is in. (No set at all would mean everybody.) */
const nobody: Acl = { allOf: [[]] }

/**
 * The access list in one row, from the JSON text of its column. Text is an email, `group:name`, `domain:name`,
 * `user:id` or `anyone`; other text without an `@` is a group. What is not understood allows nobody.
 */
export function toAcl(text: string | null): Acl {
  if (text === null) return nobody
  const value = unwrap(parseJson(text))
  if (!isRecord(value)) return { allOf: [toPrincipals(value)] }
  const allOf = Array.isArray(value.allOf) ? (value.allOf as readonly Json[]).map(toPrincipals) : [toPrincipals(value)]
  if (allOf.length === 0) return nobody
  if (value.deny === undefined || value.deny === null) return { allOf }
  const denied = Array.isArray(value.deny) ? (value.deny as readonly Json[]) : [value.deny]
  const deny = denied.map(fromItem)
  // A denial that is not understood must not let anybody in.
  return deny.some((principals) => principals.length === 0) ? nobody : { allOf, deny: deny.flat() }
}

/** A text column may hold JSON. */
function unwrap(value: Json): Json {
  if (typeof value !== 'string' || !/^\s*[[{]/.test(value)) return value
  try {
    return parseJson(value)
  } catch {
    return value
  }
}

function isRecord(value: Json | undefined): value is { readonly [key: string]: Json } {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function toPrincipals(value: Json): Principal[] {
  if (typeof value === 'string') return value.split(/[,;\n]/).flatMap((part) => fromText(part.trim()))
  if (Array.isArray(value)) return (value as readonly Json[]).flatMap((item) => fromItem(item))
  if (!isRecord(value)) return []
  if (typeof value.type === 'string') return fromItem(value)
  return [
    ...list(value.users, 'user'),
    ...list(value.emails, 'user'),
    ...list(value.groups, 'group'),
    ...list(value.domains, 'domain'),
    ...(value.anyone === true || value.public === true ? [{ type: 'anyone' } as const] : []),
  ]
}

/** An element of an array is one principal, commas and spaces included. */
function fromItem(item: Json): Principal[] {
  if (typeof item === 'string') return fromText(item.trim())
  if (!isRecord(item)) return []
  if (item.type === 'anyone') return [{ type: 'anyone' }]
  const id = item.id ?? item.email ?? item.name
  if (typeof id !== 'string' || id === '') return []
  if (item.type === 'group' || item.type === 'domain') return [{ type: item.type, id }]
  if (item.type !== 'user') return []
  return [user(id, typeof item.email === 'string' ? item.email : undefined)]
}

function list(value: Json | undefined, type: 'user' | 'group' | 'domain'): Principal[] {
  const items = Array.isArray(value) ? (value as readonly Json[]) : value === undefined ? [] : [value]
  return items.flatMap((item) => {
    if (typeof item !== 'string' || item === '') return []
    return type === 'user' ? [user(item)] : [{ type, id: item }]
  })
}

function user(id: string, email: string | undefined = id.includes('@') ? id : undefined): Principal {
  return { type: 'user', id, ...(email === undefined ? {} : { email }) }
}

function fromText(text: string): Principal[] {
  if (text === '') return []
  if (text === 'anyone') return [{ type: 'anyone' }]
  const prefixed = /^(user|group|domain):(.+)$/s.exec(text)
  if (prefixed) {
    const [, type, id] = prefixed
    return type === 'user' ? [user(id!)] : [{ type: type as 'group' | 'domain', id: id! }]
  }
  return text.includes('@') ? [user(text)] : [{ type: 'group', id: text }]
}
