import { createHash } from 'node:crypto'
import {
  type Checkpoint,
  ConnectorError,
  checkpoint,
  type Entry,
  type Json,
  type Removed,
  type Run,
  removed,
} from '@cx/core'
import type { Row } from './client.ts'
import type { Config } from './config.ts'
import { concernsPart } from './errors.ts'
import { goneSince, touchedParents } from './gone.ts'
import { type Part, text } from './part.ts'
import { among, scan } from './scan.ts'
import type { Session } from './session.ts'
import { isRecordId, moment, toIso } from './soql.ts'

/** Times of the server, by part: up to where its changes are known. */
export type Cursor = {
  readonly v: 1
  readonly plan: string
  readonly at: { readonly [part: string]: string }
  /** Hashes of what the overlap will show again. */
  readonly seen: readonly string[]
}

/** Records become visible later than their time says: transactions take a while. https://github.com/airbytehq/airbyte/issues/27146 */
const overlapMs = 10 * 60_000
/** The recycle bin is emptied after 15 days; what left it is in no feed. */
const longestMs = 14 * 24 * 3_600_000
const mostSeen = 300

type Change =
  | { readonly kind: 'upsert'; readonly entry: Entry; readonly at: string }
  | { readonly kind: 'removed'; readonly id: string; readonly at: string }

export async function cursorNow(session: Session, { config, signal }: Run<Config>): Promise<Cursor | null> {
  const { parts, missing } = await session.parts(signal)
  // The feed says nothing of what cannot be read: list until it can.
  if (missing.length > 0) return null
  const seen: string[] = []
  const at: Record<string, string> = {}
  for (const part of parts) {
    const now = session.client.serverTime
    at[part.key] = moment(now)
    if (seen.length >= mostSeen) continue
    for await (const { change } of changesOf(session, part, now - overlapMs, signal)) {
      if (change) remember(seen, change)
      if (seen.length >= mostSeen) break
    }
  }
  return { v: 1, plan: planOf(parts, config), at, seen }
}

/** Per part: what left it, then what changed, in the order of time. */
export async function* changesSince(
  session: Session,
  cursor: Json,
  { config, signal }: Run<Config>,
): AsyncGenerator<Entry | Removed | Checkpoint<Cursor>, void, void> {
  const { parts, missing } = await session.parts(signal)
  if (missing.length > 0) throw expired('A part of it cannot be read now')
  const from = cursorOf(cursor, parts, config)
  const known = new Set(from.seen)
  const at: Record<string, string> = { ...from.at }
  const seen = [...from.seen]
  const next = (): Cursor => ({ v: 1, plan: from.plan, at: { ...at }, seen: seen.slice(-mostSeen) })
  for (const part of parts) {
    const now = session.client.serverTime
    const since = Date.parse(at[part.key]!) - overlapMs
    try {
      for await (const { change, done } of changesOf(session, part, since, signal)) {
        assertRecent(from, session.client.serverTime)
        if (change && !known.has(markOf(change))) {
          yield change.kind === 'removed' ? removed(change.id) : change.entry
          remember(seen, change)
        }
        if (done) {
          // The overlap begins before the cursor.
          if (done > at[part.key]!) at[part.key] = done
          yield checkpoint(next())
        }
      }
    } catch (error) {
      // An object or a field that has gone: the listing finds out what is left, and reports the rest.
      if (concernsPart(error)) throw expired((error as Error).message)
      throw error
    }
    assertRecent(from, session.client.serverTime)
    at[part.key] = moment(Math.max(now, Date.parse(at[part.key]!)))
  }
  yield checkpoint(next())
}

/** `done`: everything of this part up to that time was given. */
async function* changesOf(
  session: Session,
  part: Part,
  since: number,
  signal: AbortSignal,
): AsyncGenerator<{ change?: Change; done?: string }, void, void> {
  const { client } = session
  for await (const { id, at } of goneSince(client, part, since, signal)) yield { change: { kind: 'removed', id, at } }
  if (part.children.length > 0) {
    const parents = [...(await touchedParents(client, part, since, signal))]
    const own = parents.filter((id) => id.startsWith(part.idPrefix))
    yield* mapped(present(session, part, own, '', signal))
  }
  const query = { object: part.object, stamp: part.stamp, where: `${part.stamp} >= ${moment(since)}` }
  if (part.leaves === 'archived' || part.where === undefined) {
    const where = part.where ? `${part.where} AND ${query.where}` : query.where
    for await (const page of scan(client, { ...query, fields: part.fields, where }, { signal })) {
      for (const entry of await fresh(session, part, page, signal))
        yield { change: { kind: 'upsert', entry, at: entry.updatedAt ?? '' } }
      yield passed(page, part)
    }
    return
  }
  // What a filter no longer lets through has left: so every changed record is looked at, and then through the filter.
  const key = part.leaves === 'file' ? 'ContentDocumentId' : 'Id'
  for await (const page of scan(client, { ...query, fields: [...new Set(['Id', key, part.stamp])] }, { signal })) {
    const at = toIso(page.at(-1)?.[part.stamp]) ?? ''
    yield* mapped(present(session, part, [...new Set(page.map((row) => text(row[key])))], at, signal))
    yield passed(page, part)
  }
}

/** Of these ids, the entries there are; the others are not, or no longer, in this part. */
async function* present(
  session: Session,
  part: Part,
  ids: readonly string[],
  at: string,
  signal: AbortSignal,
): AsyncGenerator<Change, void, void> {
  const left = new Set(ids.filter(isRecordId))
  const query = { ...part, field: part.leaves === 'file' ? 'ContentDocumentId' : 'Id', ids }
  for await (const page of among(session.client, query, { signal }))
    for (const entry of await fresh(session, part, page, signal)) {
      left.delete(entry.id)
      yield { kind: 'upsert', entry, at: entry.updatedAt ?? '' }
    }
  // Without a time, these are parents of other objects' children.
  if (at !== '') for (const id of left) yield { kind: 'removed', id, at }
}

async function* mapped(changes: AsyncIterable<Change>): AsyncGenerator<{ change: Change }, void, void> {
  for await (const change of changes) yield { change }
}

async function fresh(session: Session, part: Part, page: readonly Row[], signal: AbortSignal): Promise<Entry[]> {
  const entries = await session.entries(part, page, signal)
  session.reader.listed(entries)
  return entries
}

function passed(page: readonly Row[], part: Part): { done?: string } {
  const at = toIso(page.at(-1)?.[part.stamp])
  return at === undefined ? {} : { done: at }
}

/** What may change once more under the same version is not remembered, so that it is shown again. */
function remember(seen: string[], change: Change): void {
  if (change.kind === 'removed' || !change.entry.version.endsWith('~')) seen.push(markOf(change))
}

function markOf(change: Change): string {
  const words =
    change.kind === 'removed' ? `- ${change.id} ${change.at}` : `+ ${change.entry.id} ${change.entry.version}`
  return createHash('sha256').update(words).digest('base64url').slice(0, 9)
}

/** Other objects or another filter: the feed would say nothing of what is new. */
function planOf(parts: readonly Part[], config: Config): string {
  const shape = [
    parts.map(({ key, where, children }) => [key, where ?? '', children.map(({ object }) => object)]),
    config.maxFileSizeMb,
    config.excludeFields,
  ]
  return createHash('sha256').update(JSON.stringify(shape)).digest('base64url').slice(0, 12)
}

function cursorOf(cursor: Json, parts: readonly Part[], config: Config): Cursor {
  const { v, plan, at, seen } = (cursor ?? {}) as Partial<Cursor>
  if (v !== 1 || typeof plan !== 'string' || typeof at !== 'object' || at === null || !Array.isArray(seen))
    throw expired('It is not one of this connector')
  if (plan !== planOf(parts, config)) throw expired('The configuration has changed')
  for (const { key } of parts) {
    if (Number.isNaN(Date.parse(String(at[key])))) throw expired(`It knows nothing of ${key}`)
  }
  return { v, plan, at, seen }
}

/** By the server's clock, which is known once it has answered. */
function assertRecent({ at }: Cursor, now: number): void {
  if (Object.values(at).some((time) => now - Date.parse(time) > longestMs))
    throw expired('It is older than what the recycle bin keeps')
}

function expired(reason: string): ConnectorError {
  return new ConnectorError(
    'cursor_expired',
    `The change cursor cannot be used: ${reason}. Everything is listed again.`,
  )
}
