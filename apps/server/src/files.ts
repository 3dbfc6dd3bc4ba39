import type { Checkpoint, Entry, Json } from '@cx/core'
import { iterate, pathInScope } from '@cx/core/engine'
import type { Connector } from '@cx/store'
import { ApiError, type Detail, invalid } from './http/errors.ts'
import { openCursor, type Paging, sealCursor } from './http/paging.ts'
import { type Services, startJob } from './services.ts'
import { askSource, type Source } from './source.ts'

export const maxDeletedPaths = 1000
/** A page is cut short here and goes on with its cursor. */
const pageMs = 20_000
const deleteMs = 120_000

/** What is wrong with a path that is to be written or deleted. */
export function checkWritePath(path: string): string | undefined {
  if (path === '') return 'must not be empty'
  if (/[\x00-\x1f\x7f]/.test(path)) return 'must not contain control characters'
  if (/^[/\\]|^[a-z]:[/\\]/i.test(path)) return 'must be relative: leave out what it begins with'
  if (path.split(/[/\\]/).includes('..')) return 'must not contain ".."'
  return undefined
}

const maxNewPathBytes = 4096
const maxNewPathDepth = 64

/** What is wrong with a path that may have to be made: sources check each folder on the way, so there must be few. */
export function checkNewPath(path: string): string | undefined {
  const wrong = checkWritePath(path)
  if (wrong) return wrong
  if (Buffer.byteLength(path) > maxNewPathBytes) return `must not have more than ${maxNewPathBytes} bytes`
  if (path.split('/').length > maxNewPathDepth) return `must not be more than ${maxNewPathDepth} folders deep`
  return undefined
}

/** Where a page begins in a listing: a checkpoint of the source, and how many entries after it were shown already. */
interface Position {
  readonly resume: Json | null
  readonly skip: number
}

export interface FilePage {
  readonly files: readonly unknown[]
  readonly page?: number
  readonly limit: number
  readonly total: number | null
  readonly nextCursor: string | null
}

/**
 * One page of the source's own listing, joined with what is indexed. The cursor goes on from the source's last checkpoint,
 * so a deep page costs what lies between two checkpoints and not the whole listing.
 */
export async function listFiles(
  services: Services,
  connector: Connector,
  query: Paging & { readonly path?: string },
  request: Request,
): Promise<FilePage> {
  const { limit = 20, path } = query
  if (query.page !== undefined && query.cursor !== undefined)
    throw invalid([{ path: '/cursor', message: 'cannot be combined with page: use one of them' }])
  const start =
    query.cursor === undefined
      ? { resume: null, skip: ((query.page ?? 1) - 1) * limit }
      : (openCursor(query.cursor) as unknown as Position)
  const found = await askSource(services, connector, request, pageMs + 10_000, (source) =>
    takePage(source, start, limit, path),
  )
  const files = await Promise.all(found.entries.map((entry) => withDocument(services, connector.id, entry)))
  // Only a listing that was counted from its beginning has a total.
  const total = found.next === null && start.resume === null ? start.skip - found.unskipped + files.length : null
  return {
    files,
    ...(query.cursor === undefined && { page: query.page ?? 1 }),
    limit,
    total,
    nextCursor: found.next && sealCursor(found.next as unknown as Json),
  }
}

interface Taken {
  readonly entries: readonly Entry[]
  readonly next: Position | null
  /** Entries that were to be skipped and did not come. */
  readonly unskipped: number
}

async function takePage(
  { plugin, session, run }: Source,
  start: Position,
  limit: number,
  path: string | undefined,
): Promise<Taken> {
  const deadline = Date.now() + pageMs
  const entries: Entry[] = []
  let skip = start.skip
  // Where the next page begins if this one ends here.
  let next: Position = start
  const listing = plugin.list(session, {
    ...run,
    ...(start.resume !== null && { resume: start.resume }),
    ...(path !== undefined && { paths: [path] }),
    unreadable: () => {},
  })
  for await (const item of iterate(listing, run.signal)) {
    if (isCheckpoint(item)) {
      // While entries are still to be skipped, the count from the older checkpoint is the one that holds.
      if (skip === 0) next = { resume: item.cursor, skip: 0 }
      continue
    }
    if (path !== undefined && !pathInScope([path], item.path)) continue
    if (entries.length === limit || (entries.length > 0 && Date.now() > deadline))
      return { entries, next, unskipped: 0 }
    if (skip > 0) {
      skip -= 1
      continue
    }
    next = { resume: next.resume, skip: next.skip + 1 }
    entries.push(item)
  }
  return { entries, next: null, unskipped: skip }
}

async function withDocument({ store }: Services, connectorId: string, entry: Entry): Promise<unknown> {
  const document = await store.documentByPath(connectorId, entry.path)
  return {
    path: entry.path,
    size: entry.size ?? null,
    contentType: entry.mimeType ?? document?.mimeType ?? null,
    lastModified: entry.updatedAt ?? null,
    version: entry.version,
    documentId: document?.id ?? null,
    status: document?.status ?? 'pending',
    ...(document?.error && { error: document.error.message }),
  }
}

export interface DeletedFiles {
  readonly deleted: readonly string[]
  readonly notFound: readonly string[]
  readonly jobId: string | null
}

/** Deletes at the source, then starts a sync of these paths. */
export async function deleteFiles(
  services: Services,
  connector: Connector,
  paths: readonly string[],
  request: Request,
): Promise<DeletedFiles> {
  const problems = paths.flatMap((path, index): Detail[] => {
    const message = checkWritePath(path)
    return message ? [{ path: `/paths/${index}`, message }] : []
  })
  if (problems.length > 0) throw invalid(problems)
  const deleted: string[] = []
  const finish = async (): Promise<DeletedFiles> => {
    const job =
      deleted.length > 0
        ? await startJob(services, connector, 'sync', { mode: 'incremental', paths: deleted })
        : undefined
    return { deleted, notFound: paths.filter((path) => !deleted.includes(path)), jobId: job?.id ?? null }
  }
  try {
    await askSource(services, connector, request, deleteMs, async ({ plugin, session, run }) => {
      const remove = plugin.write?.remove
      if (!remove)
        throw new ApiError('unsupported_operation', `Files cannot be deleted through the connector "${plugin.title}".`)
      const wanted = new Set(paths)
      for await (const item of iterate(plugin.list(session, { ...run, paths, unreadable: () => {} }), run.signal)) {
        if (isCheckpoint(item) || !wanted.delete(item.path)) continue
        await remove(session, item, run)
        deleted.push(item.path)
        if (wanted.size === 0) break
      }
    })
  } catch (error) {
    // What is gone already must leave the index, too.
    if (deleted.length > 0) await finish()
    throw error
  }
  return finish()
}

export function isCheckpoint(item: Entry | Checkpoint): item is Checkpoint {
  return 'kind' in item && item.kind === 'checkpoint'
}
