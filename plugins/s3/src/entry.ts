import type { Acl, Entry, Principal } from '@cx/core'
import picomatch from 'picomatch'
import type { StoredObject } from './client.ts'
import type { S3Config } from './config.ts'

/** Readable only after a restore. GLACIER_IR is not one of them, and Intelligent-Tiering tells only at the read. */
const archived = new Set(['GLACIER', 'DEEP_ARCHIVE'])

/** Whether an object is wanted: in scope, no folder marker. Globs see whole keys. */
export function matcher({ prefix = '', include, exclude }: S3Config): (object: StoredObject) => boolean {
  const globs = { dot: true, flags: 's' }
  const included = picomatch(include.map(plain), globs)
  const excluded = picomatch(exclude.map(plain), globs)
  return ({ key, size }) => {
    if (!key.startsWith(prefix) || (size === 0 && key.endsWith('/'))) return false
    const path = plain(key)
    return included(path) && !excluded(path)
  }
}

/** A glob never matches segments `.` and `..`, which mean nothing in a key. */
function plain(key: string): string {
  return key.replace(/(?<=^|\/)\.{1,2}(?=\/|$)/g, (dots) => '\u2024'.repeat(dots.length))
}

export function idOf(config: S3Config, key: string): string {
  return `s3://${config.bucket}/${key}`
}

export function keyOf(config: S3Config, entry: Entry): string {
  return entry.id.slice(idOf(config, '').length)
}

/** The etag in an entry's version; empty when the store has none. */
export function etagOf(entry: Entry): string {
  return entry.version.slice(0, entry.version.indexOf('|'))
}

export function toEntry(config: S3Config, region: string, object: StoredObject): Entry {
  const { key, size, etag, modified, storageClass } = object
  const unavailable = storageClass !== undefined && archived.has(storageClass) && !object.restored
  const acl = aclOf(config, key)
  return {
    id: idOf(config, key),
    path: key,
    // The same when it is archived: the text of then is still its text, and after a restore `unavailable` goes.
    version: `${etag}|${size}|${modified}`,
    title: key.replace(/\/+$/, '').split('/').at(-1) || key,
    size,
    updatedAt: new Date(modified).toISOString(),
    url: urlOf(config, region, key),
    ...(unavailable
      ? { unavailable: `archived (${storageClass}): restore it at the store, the next sync reads it` }
      : {}),
    ...(acl === undefined ? {} : { acl }),
    metadata: { etag, ...(storageClass === undefined ? {} : { storageClass }) },
  }
}

function urlOf({ bucket, endpoint }: S3Config, region: string, key: string): string {
  if (endpoint !== undefined)
    return `${endpoint.replace(/\/+$/, '')}/${bucket}/${key.split('/').map(encodeURIComponent).join('/')}`
  const host = region.startsWith('us-gov-')
    ? 'console.amazonaws-us-gov.com'
    : region.startsWith('cn-')
      ? 'console.amazonaws.cn'
      : `${region}.console.aws.amazon.com`
  return `https://${host}/s3/object/${bucket}?region=${region}&prefix=${encodeURIComponent(key)}`
}

/** What the configuration alone says; undefined = nobody, or the object's own ACL must be asked for. */
export function aclOf({ aclMode, aclRules }: S3Config, key: string): Acl | undefined {
  if (aclMode === 'connection') return { allOf: [[{ type: 'anyone' }]] }
  if (aclMode === 'objectAcl') return undefined
  const fitting = aclRules
    .filter(({ prefix }) => key.startsWith(prefix))
    .sort((a, b) => b.prefix.length - a.prefix.length)
  const [rule] = fitting
  if (rule === undefined) return undefined
  const readers: Principal[] = [
    ...rule.users.map((id) => ({ type: 'user' as const, id, ...(id.includes('@') ? { email: id } : {}) })),
    ...rule.groups.map((id) => ({ type: 'group' as const, id })),
    ...(rule.anyone ? [{ type: 'anyone' as const }] : []),
  ]
  return { allOf: [readers] }
}
