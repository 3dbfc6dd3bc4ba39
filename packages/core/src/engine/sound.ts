import type { Acl, Entry, Principal } from '../contract/entry.ts'
import type { Json } from '../contract/schema.ts'

/** An entry that can be stored, or why it cannot: then with what is left of it. */
export type Sound = { readonly entry: Entry; readonly problem?: string }

/** What lets nobody in. */
export const nobody: Acl = { allOf: [] }

/** Stands where a connector gave no version. */
export const noVersion = '?'

export function isVersion(version: unknown): version is string {
  return typeof version === 'string' && version !== ''
}

const texts = ['title', 'mimeType', 'createdAt', 'updatedAt', 'url', 'author', 'unavailable'] as const

/**
 * Looks at an entry that is about to be read or written: connectors without types yield what they like, and one entry
 * that cannot be stored must not end the run. Null counts as left out; what JSON drops is dropped.
 */
export function soundEntry(listed: Entry): Sound {
  const { id, path } = listed
  const version = isVersion(listed.version) ? listed.version : noVersion
  const acl: unknown = listed.acl ?? undefined
  const wrong = problemOf(listed)
  // With a list that cannot be understood, the last known one may let in whom it was meant to keep out.
  if (wrong)
    return { entry: { id, path, version, ...(acl !== undefined && { acl: isAcl(acl) ? acl : nobody }) }, ...wrong }
  const kept = Object.entries(listed).filter(([, value]) => value !== null && value !== undefined)
  return { entry: JSON.parse(JSON.stringify(Object.fromEntries(kept))) as Entry }
}

function problemOf(entry: Entry): { readonly problem: string } | undefined {
  const say = (field: string, must: string) => ({
    problem: `The connector listed ${JSON.stringify(entry.path)} with a ${field} that is not ${must}. Please report it to the connector's author.`,
  })
  if (!isVersion(entry.version)) return say('version', 'a string')
  for (const field of texts) if (typeof (entry[field] ?? '') !== 'string') return say(field, 'a string')
  const size: unknown = entry.size ?? 0
  if (typeof size !== 'number' || !(size >= 0 && size < Number.POSITIVE_INFINITY))
    return say('size', 'a number of bytes')
  if (!isAcl(entry.acl ?? nobody)) return say('acl', 'an access list of known principals')
  for (const field of ['metadata', 'ref'] as const) if (!isJson(entry[field] ?? null)) return say(field, 'JSON')
  return undefined
}

/** Whether JSON can hold it. */
export function isJson(value: unknown): value is Json {
  try {
    return JSON.stringify(value) !== undefined
  } catch {
    return false
  }
}

/** The list itself, or {@link nobody} when it is none: what is not understood lets nobody in. */
export function soundAcl(acl: unknown): Acl {
  return isAcl(acl) ? acl : nobody
}

function isAcl(acl: unknown): acl is Acl {
  if (typeof acl !== 'object' || acl === null) return false
  const { allOf, deny } = acl as { readonly allOf?: unknown; readonly deny?: unknown }
  return Array.isArray(allOf) && allOf.every(arePrincipals) && (deny === undefined || arePrincipals(deny))
}

/** An unknown kind of principal would match nobody: harmless where it lets in, fatal where it keeps out. */
export function arePrincipals(value: unknown): value is readonly Principal[] {
  return Array.isArray(value) && value.every(isPrincipal)
}

function isPrincipal(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false
  const { type, id, email } = value as { readonly type?: unknown; readonly id?: unknown; readonly email?: unknown }
  if (type === 'anyone') return true
  const named = typeof id === 'string' && (type === 'user' || type === 'group' || type === 'domain')
  return named && (email === undefined || email === null || typeof email === 'string')
}
