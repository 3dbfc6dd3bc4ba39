import { type Checkpoint, checkpoint, type Entry, type Json, type ListRun } from '@cx/core'
import { type BulkPlace, bulkPages, isBulkRefused } from './bulk.ts'
import type { Row } from './client.ts'
import type { Config } from './config.ts'
import { concernsPart, salesforceCode } from './errors.ts'
import type { Part } from './part.ts'
import { among, scan } from './scan.ts'
import type { Session } from './session.ts'
import { isRecordId, select } from './soql.ts'

/** Where a listing came: behind a row of a part, or in the results of a bulk job. */
type Place = {
  readonly v: 1
  readonly part: string
  readonly after?: string
  readonly job?: string
  readonly locator?: string
}

/** Everything there is: objects in the order of the configuration, each by id; then files and articles. */
export async function* listAll(session: Session, run: ListRun<Config>): AsyncGenerator<Entry | Checkpoint, void, void> {
  const { signal, paths } = run
  const { parts, missing } = await session.parts(signal)
  for (const { path, error } of missing) if (touches(path, paths)) run.unreadable(path, error)
  const wanted = parts.filter((part) => touches(part.prefix, paths))
  const place = placeOf(run.resume, wanted)
  const begun = place ? wanted.findIndex((part) => part.key === place.part) : 0
  const counts = await recordCounts(session, paths ? [] : wanted.slice(begun).filter((part) => part.bulk), signal)
  let failed = 0
  for (const part of wanted.slice(begun)) {
    const from = part.key === place?.part ? place : undefined
    try {
      yield* listPart(session, part, run, from, (counts.get(part.object) ?? 0) >= run.config.bulkThreshold)
    } catch (error) {
      const wrong = (error as { code?: unknown }).code === 'misconfigured'
      if (!concernsPart(error) || (wrong && ++failed === parts.length)) throw error
      run.unreadable(part.prefix, error)
    }
  }
}

async function* listPart(
  session: Session,
  part: Part,
  run: ListRun<Config>,
  from: Place | undefined,
  large: boolean,
): AsyncGenerator<Entry | Checkpoint, void, void> {
  const { signal, paths } = run
  const exact = paths && idsOf(part, paths)
  if (exact) {
    const field = part.leaves === 'file' ? 'ContentDocumentId' : 'Id'
    for await (const page of among(session.client, { ...part, field, ids: exact }, { signal }))
      yield* entries(session, part, page, run)
    return
  }
  if (from?.job ? part.bulk : large && from?.after === undefined) {
    const done = yield* listInBulk(session, part, run, from)
    if (done) return
  }
  let after = from?.after
  for (let attempt = 1, current = part; ; attempt++) {
    try {
      const query = { ...current, stamp: undefined, after: after === undefined ? undefined : { Id: after } }
      for await (const page of scan(session.client, withoutStamp(query), { signal })) {
        yield* entries(session, current, page, run)
        after = lastId(page) ?? after
        if (after !== undefined) yield checkpoint({ v: 1, part: part.key, after })
      }
      return
    } catch (error) {
      // A field was removed or hidden since it was described: go on without it.
      if (salesforceCode(error) !== 'INVALID_FIELD' || attempt > 1) throw error
      run.log.warn('A field has gone; asking again which there are.', { object: part.object })
      session.forgetParts(part.object)
      current = (await session.parts(signal)).parts.find((one) => one.key === part.key) ?? part
    }
  }
}

/** False when Salesforce does not list this object in bulk. */
async function* listInBulk(
  session: Session,
  part: Part,
  run: ListRun<Config>,
  from: Place | undefined,
): AsyncGenerator<Entry | Checkpoint, boolean, void> {
  const resume: BulkPlace | undefined = from?.job
    ? { job: from.job, ...(from.locator ? { locator: from.locator } : {}) }
    : undefined
  try {
    const soql = select(part.fields, part.object, part.where)
    for await (const { rows, next } of bulkPages(session.client, soql, {
      signal: run.signal,
      ...(resume ? { resume } : {}),
    })) {
      yield* entries(session, part, rows, run)
      if (next) yield checkpoint({ v: 1, part: part.key, ...next })
    }
    return true
  } catch (error) {
    if (!isBulkRefused(error)) throw error
    run.log.info('The Bulk API does not take this query; listing page by page.', {
      object: part.object,
      reason: (error as Error).message,
    })
    return false
  }
}

async function* entries(
  session: Session,
  part: Part,
  rows: readonly Row[],
  { signal, paths }: ListRun<Config>,
): AsyncGenerator<Entry, void, void> {
  const all = await session.entries(part, rows, signal)
  session.reader.listed(all)
  for (const entry of all) if (isAsked(entry.path, paths)) yield entry
}

function withoutStamp<T extends { readonly stamp: unknown }>({ stamp: _, ...rest }: T): Omit<T, 'stamp'> {
  return rest
}

function lastId(page: readonly Row[]): string | undefined {
  const id = page.at(-1)?.Id
  return typeof id === 'string' ? id : undefined
}

/** What does not name a place in these parts begins anew: never a short listing. */
function placeOf(resume: Json | undefined, parts: readonly Part[]): Place | undefined {
  const { v, part, after, job, locator } = (resume ?? {}) as Partial<Place>
  if (v !== 1 || !parts.some((one) => one.key === part)) return undefined
  const good = (value: unknown) => value === undefined || typeof value === 'string'
  if (!good(after) || !good(job) || !good(locator) || (after === undefined) === (job === undefined)) return undefined
  if (!isRecordId((after ?? job)!)) return undefined
  return resume as Place
}

/** About how many records each object has; one call. https://developer.salesforce.com/docs/atlas.en-us.api_rest.meta/api_rest/resources_record_count.htm */
async function recordCounts(
  session: Session,
  parts: readonly Part[],
  signal: AbortSignal,
): Promise<ReadonlyMap<string, number>> {
  if (parts.length === 0) return new Map()
  const names = parts.map(({ object }) => object).join(',')
  try {
    const { sObjects } = await session.client.json<{ sObjects: readonly { name: string; count: number }[] }>(
      `/limits/recordCount?sObjects=${names}`,
      { signal },
    )
    return new Map(sObjects.map(({ name, count }) => [name, count]))
  } catch (error) {
    // Only decides about the way: without the View Setup permission every object is listed page by page.
    if (!concernsPart(error)) throw error
    return new Map()
  }
}

function isAsked(path: string, paths: readonly string[] | undefined): boolean {
  return !paths || paths.some((one) => (one.endsWith('/') ? path.startsWith(one) : path === one))
}

function touches(prefix: string, paths: readonly string[] | undefined): boolean {
  return !paths || paths.some((one) => one.startsWith(prefix) || (one.endsWith('/') && prefix.startsWith(one)))
}

/** The ids when nothing but single records or files of this part is asked for. */
function idsOf(part: Part, paths: readonly string[]): string[] | undefined {
  if (part.leaves === 'archived' || paths.some((one) => part.prefix.startsWith(one))) return undefined
  const own = paths.filter((one) => one.startsWith(part.prefix))
  const ids = own.map((one) => one.slice(part.prefix.length).split('/')[0]!)
  return ids.every(isRecordId) ? [...new Set(ids)] : undefined
}
