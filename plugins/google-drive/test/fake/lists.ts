import type { drive_v3 } from '@googleapis/drive'
import { failure } from './answers.ts'
import type { Item } from './model.ts'
import { BadQuery, parseQuery, UnknownParent } from './query.ts'
import type { FakeDrive } from './server.ts'

export function missingDrive(drive: FakeDrive, url: URL): Response | undefined {
  const id = url.searchParams.get('driveId')
  if (id === null || drive.isMember(id)) return undefined
  return failure(404, 'teamDriveNotFound', `Shared drive not found: ${id}`, { location: 'driveId' })
}

export function listFiles(drive: FakeDrive, url: URL): Response {
  const query = url.searchParams
  const corpora = query.get('corpora') ?? 'user'
  if ((corpora === 'drive') !== query.has('driveId'))
    return failure(400, 'invalid', 'The driveId parameter must be specified if and only if corpora is set to drive.')
  if (query.get('includeItemsFromAllDrives') === 'true' && query.get('supportsAllDrives') !== 'true')
    return failure(403, 'teamDrivesNotSupported', 'includeItemsFromAllDrives needs supportsAllDrives.')
  const gone = missingDrive(drive, url)
  if (gone) return gone
  const q = query.get('q') ?? ''
  let test: (item: Item) => boolean
  try {
    test = parseQuery(
      q,
      (id) =>
        id === 'root' ||
        id === drive.root ||
        drive.drives.has(id) ||
        (drive.items.has(id) && drive.canSee(drive.items.get(id)!)),
    )
  } catch (error) {
    if (error instanceof UnknownParent) return failure(404, 'notFound', 'File not found: .', { location: 'fileId' })
    if (error instanceof BadQuery) return failure(400, 'invalid', 'Invalid Value', { location: 'q' })
    throw error
  }
  const scope = `${drive.epoch} ${corpora} ${query.get('driveId')} ${q}`
  const given = query.get('pageToken')
  const token = given === null ? undefined : decode(given)
  if (given !== null && token?.scope !== scope)
    return failure(400, 'invalid', 'Invalid Value', { location: 'pageToken' })
  const size = Math.min(Math.max(1, Number(query.get('pageSize') ?? 100)), 1000, drive.pageCap)
  const after = token?.after ?? 0
  const found: Item[] = []
  let more = false
  for (const item of drive.items.values()) {
    if (item.seq <= after) continue
    const inUser = item.driveId === undefined || !drive.isMember(item.driveId) || item.extra.viewedByMeTime
    const here = corpora === 'allDrives' || (corpora === 'drive' ? item.driveId === query.get('driveId') : inUser)
    if (item.driveId !== undefined && query.get('includeItemsFromAllDrives') !== 'true') continue
    if (!here || !drive.canSee(item) || !test(drive.isTrashed(item) ? { ...item, trashed: true } : item)) continue
    if (found.length === size) {
      more = true
      break
    }
    found.push(item)
  }
  return Response.json({
    kind: 'drive#fileList',
    incompleteSearch: drive.incomplete(q),
    files: found.map((item) => drive.resource(item)),
    ...(more ? { nextPageToken: encode({ scope, after: found.at(-1)!.seq }) } : {}),
  } satisfies drive_v3.Schema$FileList)
}

export function listChanges(drive: FakeDrive, url: URL): Response {
  const gone = missingDrive(drive, url)
  if (gone) return gone
  const [epoch, at] = (url.searchParams.get('pageToken') ?? '').split('-')
  if (Number(epoch) !== drive.epoch || at === undefined || !(Number(at) <= drive.changes.length))
    return failure(400, 'invalid', 'Invalid Value', { location: 'pageToken' })
  const log = url.searchParams.get('driveId') ?? 'user'
  const wants = (name: string) => url.searchParams.get(name) === 'true'
  const size = Math.min(Number(url.searchParams.get('pageSize') ?? 100), 1000, drive.pageCap)
  const seen = new Set<string>()
  const changes: drive_v3.Schema$Change[] = []
  let next = Number(at)
  for (; next < drive.changes.length && changes.length < size; next++) {
    const change = drive.changes[next]!
    // Several edits collapse into the last one.
    const later = drive.changes.slice(next + 1).some((one) => one.log === change.log && one.id === change.id)
    if (change.log !== log || later || seen.has(change.id)) continue
    seen.add(change.id)
    if (change.kind === 'drive')
      changes.push({
        kind: 'drive#change',
        changeType: 'drive',
        driveId: change.id,
        removed: !drive.drives.has(change.id),
      })
    else {
      const item = drive.items.get(change.id)
      const there = item !== undefined && drive.canSee(item)
      const gone = !there || change.moved === true
      if (gone && url.searchParams.get('includeRemoved') === 'false') continue
      if (item?.driveId !== undefined && !(wants('includeItemsFromAllDrives') && wants('supportsAllDrives'))) continue
      changes.push({
        kind: 'drive#change',
        changeType: 'file',
        fileId: change.id,
        removed: gone,
        // Of what left this log for another one, the file comes only when asked for.
        ...(there && (!change.moved || wants('includeCorpusRemovals')) ? { file: drive.resource(item) } : {}),
      })
    }
  }
  const done = next >= drive.changes.length
  return Response.json({
    changes,
    [done ? 'newStartPageToken' : 'nextPageToken']: `${drive.epoch}-${next}`,
  } satisfies drive_v3.Schema$ChangeList)
}

function encode(value: object): string {
  return `~!!~${Buffer.from(JSON.stringify(value)).toString('base64url')}`
}

function decode(token: string): { readonly scope: string; readonly after: number } | undefined {
  try {
    return JSON.parse(Buffer.from(token.slice(4), 'base64url').toString())
  } catch {
    return undefined
  }
}
