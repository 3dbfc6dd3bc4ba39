import { type Checkpoint, ConnectorError, checkpoint, type Entry, type Removed, removed } from '@cx/core'
import { Talk } from './comments.ts'
import { statusesOf } from './config.ts'
import { attachmentEntry, byId, containerOf, namesOf, type Place, pageEntry } from './entries.ts'
import { kindsOf, listSpace, scopeOf } from './list.ts'
import { difference, isMarks, type Marks, marksOf } from './marks.ts'
import { type ContentJson, contentOfPages, contentOfSpaces, modifiedOf } from './search.ts'
import type { Running } from './session.ts'
import { type Selection, selectSpaces } from './spaces.ts'
import { Tree } from './tree.ts'
import type { Kind, Row, Space, Status } from './wiki.ts'

export type Cursor = {
  readonly scope: string
  /** Of the newest version of a page or blog post, by the clock of Confluence, in epoch milliseconds. */
  readonly at: number
  /** The same of comments and attachments. */
  readonly talkAt: number
  /** What was there already in the time that is looked at again. */
  readonly seen: Marks
  /** What was in the bin, or archived: neither makes a new version. */
  readonly hidden: Marks
  readonly spaces: Marks
}

interface Scan {
  readonly rows: readonly Row[]
  readonly comments: readonly ContentJson[]
  readonly attachments: readonly ContentJson[]
  readonly hidden: ReadonlyMap<string, Kind>
}

const minute = 60_000
/** A version may become visible later than its time says. */
const overlap = 10 * minute
/** Of what is found by search, whose index is late and whose times are not those of the versions. */
const talkOverlap = 24 * 60 * minute

export async function cursorNow(run: Running): Promise<Cursor> {
  const { wiki } = await run.session.site(run.signal)
  const { spaces } = await selectSpaces(run)
  const newest = await wiki.newest(spaces, kindsOf(run.config), run)
  const from = { at: newest, talkAt: newest }
  return cursorOf(run, spaces, from, await scan(run, spaces, from))
}

export async function* changesSince(
  cursor: Cursor,
  run: Running,
): AsyncGenerator<Entry | Removed | Checkpoint<Cursor>, void, void> {
  if (!isCursor(cursor)) throw expired('The stored position is not one of this connector.')
  if (cursor.scope !== scopeOf(run.config)) throw expired('The configuration has changed since the last sync.')
  const selection = await selectSpaces(run)
  const { fresh, kept } = await compareSpaces(cursor, selection)
  const known = selection.spaces.filter((space) => !fresh.includes(space))
  const found = await scan(run, selection.spaces, cursor)
  const hidden = difference(cursor.hidden, found.hidden.keys())
  if (hidden.lost) throw expired('Something came back out of a full bin, or left it for good.')
  for (const space of fresh) yield* await listSpace(run, space)
  yield* upserts(cursor, found, known, run)
  for (const id of hidden.fresh) yield* removals(id, found, run)
  yield checkpoint(cursorOf(run, selection.spaces, cursor, found, kept))
}

/** Spaces that are new, and names of those that are configured and out of sight: these keep their documents. */
async function compareSpaces(
  cursor: Cursor,
  { spaces, missing }: Selection,
): Promise<{ fresh: readonly Space[]; kept: readonly string[] }> {
  const names = new Map(spaces.map((space) => [nameOf(space), space]))
  const { fresh, left, blurred } = difference(cursor.spaces, names.keys())
  const lost = new Set(missing.map(({ key }) => key.toLowerCase()))
  const gone = left.filter((name) => !lost.has(name.slice(name.indexOf(':') + 1).toLowerCase()))
  if (blurred || gone.length > 0) throw expired('A space is no longer there, or has another key.')
  return { fresh: fresh.map((name) => names.get(name)!), kept: left }
}

async function scan(
  { session, config, signal }: Running,
  spaces: readonly Space[],
  { at, talkAt }: Pick<Cursor, 'at' | 'talkAt'>,
): Promise<Scan> {
  const { wiki } = await session.site(signal)
  const rows = new Map<string, Row>()
  const hidden = new Map<string, Kind>()
  const gone: readonly Status[] = config.includeArchived ? ['trashed'] : ['trashed', 'archived']
  for (const kind of kindsOf(config)) {
    const window = { since: at === 0 ? 0 : at - overlap, statuses: statusesOf(config) }
    for await (const some of wiki.modified(spaces, kind, window, { signal }))
      for (const row of some) rows.set(row.id, row)
    for await (const some of wiki.hidden(spaces, kind, gone, { signal })) for (const id of some) hidden.set(id, kind)
  }
  const talk = async (type: 'comment' | 'attachment', on: boolean) => {
    const found: ContentJson[] = []
    if (on) for await (const some of contentOfSpaces(wiki, type, spaces, { signal, since: talkAt })) found.push(...some)
    return found
  }
  const comments = await talk('comment', config.includeComments)
  const attachments = await talk('attachment', config.includeAttachments)
  return { rows: [...rows.values()], comments, attachments, hidden }
}

async function* upserts(
  cursor: Cursor,
  { rows, comments, attachments, hidden }: Scan,
  spaces: readonly Space[],
  run: Running,
): AsyncGenerator<Entry, void, void> {
  const { session, config, signal } = run
  const news = new Set(difference(cursor.seen, [...rows, ...comments, ...attachments].map(markOf)).fresh)
  const isNew = (one: Row | ContentJson) => news.has(markOf(one))
  const restored = difference(cursor.hidden, hidden.keys()).left
  const containers = (of: readonly ContentJson[]) => of.filter(isNew).flatMap((one) => containerOf(one) ?? [])
  const touched = new Map(rows.filter(isNew).map((row) => [row.id, row]))
  const talked = [...restored, ...containers(comments)]
  const more = new Set([...talked, ...containers(attachments)].filter((id) => !touched.has(id)))
  const pages = new Set([...touched.keys(), ...talked])

  const site = await session.site(signal)
  const { wiki } = site
  if (more.size > 0)
    for (const kind of kindsOf(config))
      for await (const some of wiki.byIds([...more], kind, statusesOf(config), { signal }))
        for (const row of some) touched.set(row.id, row)
  const places = new Map(spaces.map((space) => [space.id, space]))
  const inPlace = [...touched.values()].filter((row) => places.has(row.spaceId) && !hidden.has(row.id)).sort(byId)
  if (inPlace.length === 0) return
  const ids = inPlace.map(({ id }) => id)
  const tree = new Tree(wiki)
  tree.add(inPlace)
  await tree.complete(inPlace, { signal })
  const talk = config.includeComments ? await Talk.ofPages(wiki, ids, { signal }) : undefined
  const names = await namesOf(inPlace, run)
  const placeOf = (row: Row): Place => ({ site, space: places.get(row.spaceId)!, tree, config, names })
  for (const row of inPlace) if (pages.has(row.id)) yield pageEntry(placeOf(row), row, talk?.of(row.id))
  if (!config.includeAttachments) return
  // All of a page that changed: their paths hold its title.
  const holders = new Map(inPlace.map((row) => [row.id, row]))
  for await (const some of contentOfPages(wiki, 'attachment', ids, { signal }))
    for (const json of some) {
      const row = holders.get(containerOf(json) ?? '')
      if (row) yield attachmentEntry(placeOf(row), json, row)
    }
}

async function* removals(id: string, { hidden }: Scan, run: Running): AsyncGenerator<Removed, void, void> {
  yield removed(id)
  if (!run.config.includeAttachments) return
  const { wiki } = await run.session.site(run.signal)
  for (const one of await wiki.attachmentsOfHidden(id, hidden.get(id)!, run)) yield removed(one)
}

function cursorOf(
  { config }: Running,
  spaces: readonly Space[],
  before: Pick<Cursor, 'at' | 'talkAt'>,
  { rows, comments, attachments, hidden }: Scan,
  kept: readonly string[] = [],
): Cursor {
  const talk = [...comments, ...attachments]
  const at = Math.max(before.at, ...stepwise(rows, ({ modified }) => modified))
  const talkAt = Math.max(before.talkAt, ...stepwise(talk, modifiedOf))
  const pageOverlap = rows.some((row) => row.above !== undefined) ? talkOverlap : overlap
  const seen = [
    ...rows.filter(({ modified }) => modified >= at - pageOverlap).map(markOf),
    ...talk.filter((one) => modifiedOf(one) >= talkAt - talkOverlap).map(markOf),
  ]
  return {
    scope: scopeOf(config),
    at,
    talkAt,
    seen: marksOf(seen),
    hidden: marksOf(hidden.keys()),
    spaces: marksOf([...spaces.map(nameOf), ...kept]),
  }
}

/** The greatest of many, without a call of that many arguments. */
function stepwise<T>(items: readonly T[], value: (item: T) => number): readonly number[] {
  return items.length === 0 ? [] : [items.reduce((most, item) => Math.max(most, value(item)), 0)]
}

function markOf(one: Row | ContentJson): string {
  const version = typeof one.version === 'object' ? one.version.number : one.version
  return `${one.id}:${version ?? 0}`
}

function nameOf({ id, key }: Space): string {
  return `${id}:${key}`
}

function isCursor(value: Partial<Cursor> | null | undefined): boolean {
  return (
    typeof value === 'object' &&
    value !== null &&
    typeof value.scope === 'string' &&
    Number.isFinite(value.at) &&
    Number.isFinite(value.talkAt) &&
    [value.seen, value.hidden, value.spaces].every(isMarks)
  )
}

function expired(why: string): ConnectorError {
  return new ConnectorError('cursor_expired', why)
}
