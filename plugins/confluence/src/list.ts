import { createHash } from 'node:crypto'
import { type Checkpoint, ConnectorError, checkpoint, type Entry, type Json, type ListRun } from '@cx/core'
import { mapConcurrently } from '@cx/core/http'
import { Talk } from './comments.ts'
import { type Config, statusesOf } from './config.ts'
import { attachmentEntry, byId, containerOf, namesOf, type Place, pageEntry } from './entries.ts'
import { concernsPart } from './errors.ts'
import { type ContentJson, contentOfSpaces } from './search.ts'
import type { Running, Session } from './session.ts'
import { compareIds, selectSpaces } from './spaces.ts'
import { Tree } from './tree.ts'
import type { Kind, Row, Space } from './wiki.ts'

/** Behind which entry a listing stands: spaces by id, in each pages, blog posts and attachments by id. */
type Position = { readonly scope: string; readonly space: string; readonly stage: number; readonly id: string }

interface Gathered {
  readonly space: Space
  readonly entries: Iterable<readonly [stage: number, entry: Entry]>
  /** What could not be read in the space. */
  readonly broken?: unknown
}

const stages: readonly (Kind | 'attachment')[] = ['page', 'blogpost', 'attachment']
const whole = stages.length
const checkpointEvery = 200
/** Spaces gathered ahead of the one that is yielded. */
const spacesAtOnce = 4

export async function* listAll(
  session: Session,
  run: ListRun<Config>,
): AsyncGenerator<Entry | Checkpoint<Position>, void, void> {
  const running: Running = { session, ...run }
  const scope = scopeOf(run.config)
  const from = run.resume === undefined ? undefined : positionOf(run.resume, scope)
  const { spaces, missing } = await selectSpaces(running)
  for (const { key, error } of missing) run.unreadable(`${key}/`, error)
  const wanted = spaces.filter(
    ({ id, key }) =>
      (from === undefined || compareIds(id, from.space) > 0 || (id === from.space && from.stage < whole)) &&
      (run.paths === undefined || run.paths.some((path) => path.startsWith(`${key}/`))),
  )
  // Spaces that are being gathered end with the listing.
  const stop = new AbortController()
  const signal = AbortSignal.any([run.signal, stop.signal])
  const gathering = mapConcurrently(wanted, spacesAtOnce, (space) =>
    gather({ ...running, signal }, space).catch((error: unknown) => {
      stop.abort()
      throw error
    }),
  )
  try {
    for (;;) {
      const next = await gathering.next()
      if (next.done) return
      const { space, entries, broken } = next.value
      if (broken !== undefined) run.unreadable(`${space.key}/`, broken)
      let yielded = 0
      for (const [stage, entry] of entries) {
        if (from?.space === space.id && !isBehind(stage, entry.id, from)) continue
        yield entry
        if (++yielded % checkpointEvery === 0) yield checkpoint({ scope, space: space.id, stage, id: entry.id })
      }
      yield checkpoint({ scope, space: space.id, stage: whole, id: '' })
    }
  } finally {
    stop.abort()
    await gathering.return()
  }
}

function isBehind(stage: number, id: string, from: Position): boolean {
  return stage > from.stage || (stage === from.stage && compareIds(id, from.id) > 0)
}

/** Everything in a space, as {@link listAll} gives it, for change feeds that meet a new one. */
export async function listSpace(running: Running, space: Space): Promise<Iterable<Entry>> {
  const { entries, broken } = await gather(running, space)
  if (broken !== undefined) throw broken
  return [...entries].map(([, entry]) => entry)
}

/** All of a space is known before its first path can be told: a page may lie under one that comes later. */
async function gather(running: Running, space: Space): Promise<Gathered> {
  let broken: unknown
  const onBroken = (error: unknown) => {
    broken ??= error
  }
  try {
    return { ...(await contents(running, space, onBroken)), ...(broken === undefined ? {} : { broken }) }
  } catch (error) {
    if (!concernsPart(error)) throw error
    return { space, entries: [], broken: error }
  }
}

async function contents(running: Running, space: Space, onBroken: (error: unknown) => void): Promise<Gathered> {
  const { session, config, signal } = running
  const site = await session.site(signal)
  const { wiki } = site
  const tree = new Tree(wiki)
  const kinds = new Map<Kind, readonly Row[]>()
  for (const kind of kindsOf(config)) {
    const rows = new Map<string, Row>()
    for await (const some of wiki.rows(space, kind, statusesOf(config), { signal, onBroken }))
      for (const row of some) rows.set(row.id, row)
    kinds.set(kind, [...rows.values()].sort(byId))
  }
  const pages = kinds.get('page') ?? []
  tree.add(pages)
  await tree.complete(pages, { signal })
  const talk = config.includeComments ? await Talk.ofSpace(wiki, space, { signal }) : undefined
  const attachments: ContentJson[] = []
  if (config.includeAttachments)
    for await (const some of contentOfSpaces(wiki, 'attachment', [space], { signal })) attachments.push(...some)
  const names = await namesOf([...kinds.values()].flat(), running)
  const place: Place = { site, space, tree, config, names }
  return { space, entries: entriesOf(place, kinds, talk, attachments.sort(byId)) }
}

function* entriesOf(
  place: Place,
  kinds: ReadonlyMap<Kind, readonly Row[]>,
  talk: Talk | undefined,
  attachments: readonly ContentJson[],
): Generator<readonly [number, Entry], void, void> {
  for (const [stage, kind] of stages.entries())
    if (kind !== 'attachment')
      for (const row of kinds.get(kind) ?? []) yield [stage, pageEntry(place, row, talk?.of(row.id))]
  if (attachments.length === 0) return
  const holders = new Map([...kinds.values()].flat().map((row) => [row.id, row]))
  let last = ''
  for (const json of attachments) {
    const row = holders.get(containerOf(json) ?? '')
    if (row && json.id !== last) yield [stages.indexOf('attachment'), attachmentEntry(place, json, row)]
    last = json.id
  }
}

export function kindsOf({ includeBlogPosts }: Config): readonly Kind[] {
  return includeBlogPosts ? ['page', 'blogpost'] : ['page']
}

/** What decides which documents there are and how they look. */
export function scopeOf({ apiUrl: _, deployment: __, ...scope }: Config): string {
  return createHash('sha256')
    .update(JSON.stringify(Object.entries(scope).sort()))
    .digest('base64url')
    .slice(0, 22)
}

function positionOf(resume: Json, scope: string): Position {
  const position = resume as Partial<Position> | null
  const known =
    typeof position === 'object' &&
    position !== null &&
    typeof position.space === 'string' &&
    typeof position.id === 'string' &&
    Number.isInteger(position.stage) &&
    position.scope === scope
  if (known) return position as Position
  throw new ConnectorError('cursor_expired', 'The stored place of the listing is not one of this configuration.')
}
