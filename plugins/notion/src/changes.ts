import {
  type Checkpoint,
  ConnectorError,
  checkpoint,
  type Entry,
  isConnectorError,
  type Json,
  type Removed,
  removed,
} from '@cx/core'
import { entryOf, versionOf } from './documents.ts'
import { hash } from './properties.ts'
import { configuredScope, hasContent, type Scope } from './scope.ts'
import type { NotionRun } from './session.ts'
import type { Item } from './types.ts'

/** How far one feed was seen: its newest time of change, and what it showed shortly before that. */
type Seen = { readonly at: string; readonly items: readonly string[] }
export type Cursor = { readonly v: 1; readonly tenant: string; readonly feeds: { readonly [name: string]: Seen } }

/** Times are floored to the minute and search lags behind: so much is looked at again. */
const overlapMs = 15 * 60_000
/** 15 bytes each in the cursor; what does not fit is yielded again, to no effect. */
const mostSeen = 400

interface Feed {
  readonly name: string
  readonly path: string
  readonly body: (since: string | undefined) => { readonly [name: string]: Json }
  readonly isTrash: boolean
}

/** The cursor of this moment: of each feed the newest time, taken from Notion, and what stands close to it. */
export async function cursorNow(run: NotionRun): Promise<Cursor> {
  const scope = await scopeOf(run)
  const feeds: Record<string, Seen> = {}
  for (const feed of feedsOf(scope)) {
    const reader = new FeedReader(feed, undefined, run)
    for await (const _ of reader.news());
    feeds[feed.name] = reader.seen()
  }
  return { v: 1, tenant: await tenantOf(run), feeds }
}

/**
 * What changed since, by time of change, and what went to the trash since. Deletions are confirmed one by one.
 *
 * @throws ConnectorError `cursor_expired` when a database was trashed, or more changed than Notion shows: only a
 * listing tells what that means.
 */
export async function* changesSince(
  cursor: Cursor,
  run: NotionRun,
): AsyncGenerator<Entry | Removed | Checkpoint<Cursor>, void, void> {
  const { session, config, signal } = run
  if (!isCursor(cursor)) throw expired('It is not a cursor of this connector.')
  const tenant = await tenantOf(run)
  if (tenant !== cursor.tenant) throw expired('It belongs to another workspace.')
  const scope = await scopeOf(run)
  const feeds: Record<string, Seen> = {}
  const done = new Set<string>()
  for (const feed of feedsOf(scope)) {
    const known = cursor.feeds[feed.name]
    if (!known) throw expired('The configuration has changed.')
    const reader = new FeedReader(feed, known, run)
    for await (const item of reader.news()) {
      const key = `${feed.isTrash} ${item.id}`
      if (done.has(key)) continue
      done.add(key)
      if (feed.isTrash) {
        if (!(await isGone(item, run))) continue
        if (item.object === 'data_source') throw expired('A database was deleted with its rows.')
        yield removed(item.id)
        continue
      }
      const isInside = !scope || (await session.tree.isUnder(item, scope.ids, signal))
      if (!isInside) yield removed(item.id)
      else if (item.object === 'page' || config.includeDatabases) yield await entryOf(item, session, signal)
    }
    feeds[feed.name] = reader.seen()
  }
  yield checkpoint({ v: 1, tenant, feeds })
}

/** One list, newest change first, down to the overlap. */
class FeedReader {
  readonly #feed: Feed
  readonly #known: Seen | undefined
  readonly #run: NotionRun
  readonly #shown: { readonly at: string; readonly face: string }[] = []

  constructor(feed: Feed, known: Seen | undefined, run: NotionRun) {
    this.#feed = feed
    this.#known = known
    this.#run = run
  }

  /** What the known state does not hold; without one, only what stands close to the newest. */
  async *news(): AsyncGenerator<Item, void, void> {
    const { session, signal } = this.#run
    const known = new Set(this.#known?.items)
    let floor = this.#known?.at ? before(this.#known.at) : undefined
    for await (const list of session.client.list<Item>(this.#feed.path, this.#feed.body(floor), signal)) {
      const items = list.results.filter(hasContent)
      // All of them first: a page may come before the one above it.
      if (!this.#feed.isTrash) for (const item of items) session.tree.add(item)
      for (const item of items) {
        const { last_edited_time: at } = item
        if (!this.#known) floor ??= before(at)
        if (floor !== undefined && at < floor) return
        if (item.in_trash !== this.#feed.isTrash) continue
        const face = hash([item.id, this.#feed.isTrash ? at : versionOf(item, session)])
        if (this.#shown.length < mostSeen) this.#shown.push({ at, face })
        if (!known.has(face)) yield item
      }
      if (list.request_status?.type === 'incomplete' && this.#known)
        throw expired('More changed than Notion shows in one search.')
    }
  }

  seen(): Seen {
    const at = [this.#known?.at ?? '', ...this.#shown.map((one) => one.at)].sort().at(-1)!
    const floor = at && before(at)
    return {
      at,
      items: this.#shown.filter((one) => one.at >= floor).map(({ face }) => face),
    }
  }
}

/** Search shows all changes, if late; the configured databases are asked themselves, who answer at once. */
function feedsOf(scope: Scope | undefined): readonly Feed[] {
  const sort = { timestamp: 'last_edited_time', direction: 'descending' } as const
  const feeds: Feed[] = [
    { name: 'search', path: 'search', isTrash: false, body: () => ({ sort }) },
    { name: 'trash', path: 'search', isTrash: true, body: () => ({ sort, filter: { in_trash: true } }) },
  ]
  for (const { id } of scope?.sources ?? [])
    for (const isTrash of [false, true])
      feeds.push({
        name: `${isTrash ? 'trash of' : 'rows of'} ${id}`,
        path: `data_sources/${id}/query`,
        isTrash,
        body: (since) => ({
          sorts: [sort],
          ...(isTrash ? { in_trash: true } : {}),
          ...(since === undefined
            ? {}
            : { filter: { timestamp: 'last_edited_time', last_edited_time: { on_or_after: since } } }),
        }),
      })
  return feeds
}

/** Asks for the thing itself: search may lag behind someone who took it out of the trash again. */
async function isGone(item: Item, { session, signal }: NotionRun): Promise<boolean> {
  try {
    const kind = item.object === 'page' ? 'pages' : 'data_sources'
    return (await session.client.get<Item>(`${kind}/${item.id}`, signal)).in_trash
  } catch (error) {
    if (isConnectorError(error) && error.code === 'not_found') return true
    throw error
  }
}

async function scopeOf(run: NotionRun): Promise<Scope | undefined> {
  return run.session.isScoped ? configuredScope(run) : undefined
}

async function tenantOf({ session, signal }: NotionRun): Promise<string> {
  const me = await session.me(signal)
  return me.bot?.workspace_id ?? me.id
}

function before(time: string): string {
  return new Date(Date.parse(time) - overlapMs).toISOString()
}

function isCursor(value: unknown): value is Cursor {
  const { v, tenant, feeds } = (value ?? {}) as Partial<Cursor>
  if (v !== 1 || typeof tenant !== 'string' || typeof feeds !== 'object' || feeds === null) return false
  return Object.values(feeds).every(
    (seen) =>
      typeof seen?.at === 'string' &&
      (seen.at === '' || !Number.isNaN(Date.parse(seen.at))) &&
      Array.isArray(seen.items),
  )
}

function expired(reason: string): ConnectorError {
  return new ConnectorError('cursor_expired', `What changed cannot be told from this cursor: ${reason}`)
}
