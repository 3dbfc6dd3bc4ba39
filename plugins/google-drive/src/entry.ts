import type { Acl, Entry, Json } from '@cx/core'
import { formatOf, withoutContent } from './formats.ts'
import type { DriveFile, Found } from './item.ts'
import { isWanted, type Place, pathOf, placeOf } from './place.ts'
import type { DriveRun, Session } from './session.ts'

/** What `read` and a permission refresh need again. */
export type Ref = { readonly d?: string; readonly k?: string }

const prefix = 'gdrive:'

export function entryId(fileId: string): string {
  return `${prefix}${fileId}`
}

export function fileId(entry: Pick<Entry, 'id'>): string {
  return entry.id.slice(prefix.length)
}

export function refOf(entry: Entry): Ref {
  return (entry.ref ?? {}) as Ref
}

/** The path and name of a file in it; undefined when the configuration does not ask for it. */
export async function locate(
  { file, at }: Found,
  run: DriveRun,
): Promise<{ readonly place: Place; readonly path: string } | undefined> {
  if (!run.session.wantsType(file.mimeType ?? '')) return undefined
  const where = at ?? file
  const place = await placeOf(where, run)
  if (!(await isWanted(where, place, run))) return undefined
  return { place, path: pathOf(place, nameOf(file, where.name)) }
}

/** With the extension of what is delivered. */
function nameOf(file: DriveFile, name = ''): string {
  const extension = formatOf(file.mimeType)?.extension ?? ''
  return name.toLowerCase().endsWith(extension) ? name : name + extension
}

export function toEntry({ file, at }: Found, path: string, acl: Acl | undefined, session: Session): Entry {
  const { mimeType, size, createdTime, modifiedTime, driveId, description } = file
  const person = file.owners?.[0] ?? file.lastModifyingUser
  const author = person?.displayName ?? person?.emailAddress
  const unavailable = reasonNotToRead(file, session)
  const parent = file.parents?.[0]
  const ref: Ref = { ...(driveId ? { d: driveId } : {}), ...(file.resourceKey ? { k: file.resourceKey } : {}) }
  const metadata: Record<string, Json> = {
    ...(driveId ? { driveId } : {}),
    ...(parent ? { folderId: parent } : {}),
    ...(at ? { shortcutId: at.id } : {}),
    ...(description ? { description } : {}),
  }
  return {
    id: entryId(file.id),
    path,
    // What may not be read any more must leave the index, though not a byte of it has changed.
    version: unavailable === undefined ? versionOf(file) : `${versionOf(file)} unavailable`,
    title: at?.name ?? file.name ?? 'Untitled',
    ...(mimeType ? { mimeType } : {}),
    // Google counts the storage that a document of its own takes: not the size of what it exports.
    ...(size !== undefined && !formatOf(mimeType) && Number.isSafeInteger(Number(size)) ? { size: Number(size) } : {}),
    ...(createdTime ? { createdAt: createdTime } : {}),
    ...(modifiedTime ? { updatedAt: modifiedTime } : {}),
    url: file.webViewLink ?? `https://drive.google.com/file/d/${encodeURIComponent(file.id)}/view`,
    ...(author ? { author } : {}),
    ...(acl ? { acl } : {}),
    ...(unavailable === undefined ? {} : { unavailable }),
    ref,
    metadata,
  }
}

/**
 * Checksums where there are some: a rename or a move does not touch them. Google's own `version` counts changes that
 * nobody sees, sharing among them.
 */
function versionOf({ md5Checksum, headRevisionId, modifiedTime, createdTime, mimeType }: DriveFile): string {
  if (md5Checksum) return md5Checksum
  const first = formatOf(mimeType)?.types[0]
  const time = headRevisionId ?? modifiedTime ?? createdTime ?? '0'
  return first === undefined ? time : `${first} ${time}`
}

function reasonNotToRead({ capabilities, mimeType }: DriveFile, { config }: Session): string | undefined {
  if (capabilities?.canDownload === false)
    return 'Its owner has turned off downloading, printing and copying for readers.'
  if (config.respectGenAiRestriction && capabilities?.canAccessViaGenAi === false)
    return 'Its owner or administrator has turned off access by AI (respectGenAiRestriction).'
  return withoutContent(mimeType)
}
