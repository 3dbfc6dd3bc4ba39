import type { Acl, Entry, Principal } from '@cx/core'

const rfc3339 = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/i

/** What is wrong with an entry; undefined when nothing is. */
export function shapeFault(entry: Entry): string | undefined {
  if ('kind' in entry)
    return `list yields something of kind ${JSON.stringify(entry.kind)}: only a change feed may say what is removed`
  for (const key of ['id', 'path', 'version'] as const)
    if (typeof entry[key] !== 'string' || entry[key] === '') return `${key} is not a non-empty string`
  for (const key of ['title', 'mimeType', 'url', 'author', 'unavailable'] as const)
    if (entry[key] !== undefined && typeof entry[key] !== 'string') return `${key} is not a string`
  if (entry.size !== undefined && !(Number.isSafeInteger(entry.size) && entry.size >= 0))
    return 'size is not a whole number of bytes'
  for (const key of ['createdAt', 'updatedAt'] as const) {
    const value: unknown = entry[key]
    if (value !== undefined && !(typeof value === 'string' && rfc3339.test(value)))
      return `${key} is not an RFC 3339 time`
  }
  if (entry.url !== undefined && !URL.canParse(entry.url)) return 'url is not an absolute URL'
  if ('body' in entry || 'content' in entry) return 'the entry carries content: listing is metadata only'
  if (!isJson(entry)) return 'the entry does not survive JSON'
  return entry.acl === undefined ? undefined : aclFault(entry.acl)
}

/** What is wrong with an access list; undefined when nothing is. */
export function aclFault(acl: Acl): string | undefined {
  if (!Array.isArray(acl.allOf)) return 'acl.allOf is not an array of sets'
  // Being in every one of no sets is true for everybody.
  if (acl.allOf.length === 0) return 'acl.allOf is empty, which lets everybody in: use [[]] for nobody'
  for (const set of [...acl.allOf, acl.deny ?? []]) {
    if (!Array.isArray(set)) return 'acl.allOf holds something that is not a set of principals'
    for (const principal of set) {
      const fault = principalFault(principal)
      if (fault) return fault
    }
  }
  return undefined
}

export function principalFault(principal: Principal): string | undefined {
  if (principal.type === 'anyone') return undefined
  if (!['user', 'group', 'domain'].includes(principal.type))
    return `a principal has the type ${JSON.stringify(principal.type)}`
  if (typeof principal.id !== 'string' || principal.id === '') return `a ${principal.type} has no id`
  return undefined
}

/** Whether a value comes back from JSON as it went in; members that are undefined do not count. */
export function isJson(value: unknown): boolean {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return true
  if (typeof value === 'number') return Number.isFinite(value)
  if (Array.isArray(value)) return value.every(isJson)
  if (typeof value !== 'object') return false
  const prototype: unknown = Object.getPrototypeOf(value)
  if (prototype !== Object.prototype && prototype !== null) return false
  return Object.values(value).every((member) => member === undefined || isJson(member))
}
