import { pipeline } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import { ConnectorError } from '@cx/core'
import { parse } from 'csv-parse'
import type { Client, Row } from './client.ts'
import { concernsPart } from './errors.ts'

interface Job {
  readonly id: string
  readonly state: 'UploadComplete' | 'InProgress' | 'Aborted' | 'JobComplete' | 'Failed'
  readonly errorMessage?: string
}

/** A page of a job's results. */
export interface BulkPlace {
  readonly job: string
  readonly locator?: string
}

export interface BulkOptions {
  readonly signal: AbortSignal
  readonly resume?: BulkPlace
}

const refused = new WeakSet<object>()

/** Whether Salesforce does not run this query in bulk at all: some objects and editions are left out. */
export function isBulkRefused(error: unknown): boolean {
  return typeof error === 'object' && error !== null && refused.has(error)
}

const rowsPerAnswer = 50_000
const rowsPerPage = 2_000
/** A job can stand in Salesforce's queue for long; pages are the surer way then. */
const longestWaitMs = 2 * 3_600_000

/**
 * The rows of a query by Bulk API 2.0, as they stream in; `next` stands where a page of the results is complete.
 * https://developer.salesforce.com/docs/atlas.en-us.api_asynch.meta/api_asynch/queries.htm
 */
export async function* bulkPages(
  client: Client,
  soql: string,
  { signal, resume }: BulkOptions,
): AsyncGenerator<{ readonly rows: readonly Row[]; readonly next?: BulkPlace }, void, void> {
  const job = resume?.job ?? (await createJob(client, soql, signal))
  // Only a job that is done is in a checkpoint: nobody would come back to this one.
  if (!resume) await finished(client, job, signal).catch((error) => abandon(client, job, error))
  let locator = resume?.locator
  while (true) {
    const path = `/jobs/query/${job}/results?maxRecords=${rowsPerAnswer}${locator ? `&locator=${encodeURIComponent(locator)}` : ''}`
    const { headers, body } = await results(client, path, signal)
    const promised = Number(headers.get('sforce-numberofrecords') ?? Number.NaN)
    let count = 0
    let rows: Row[] = []
    try {
      for await (const record of pipeline(body, parse({ columns: true, bom: true }), () => {}) as AsyncIterable<
        Record<string, string>
      >) {
        rows.push(valuesOf(record))
        count++
        if (rows.length === rowsPerPage) {
          yield { rows }
          rows = []
        }
      }
    } catch (error) {
      if (signal.aborted) throw signal.reason
      throw new ConnectorError('unavailable', 'The results of a bulk query were cut off.', { cause: error })
    }
    if (!Number.isNaN(promised) && count !== promised)
      throw new ConnectorError(
        'unavailable',
        `The results of a bulk query ended after ${count} of ${promised} records.`,
      )
    const next = headers.get('sforce-locator') ?? 'null'
    locator = next === 'null' || next === '' ? undefined : next
    yield { rows, ...(locator ? { next: { job, locator } } : {}) }
    if (!locator) return
  }
}

async function createJob(client: Client, query: string, signal: AbortSignal): Promise<string> {
  try {
    const json = { operation: 'query', query, contentType: 'CSV', columnDelimiter: 'COMMA', lineEnding: 'LF' }
    return (await client.json<Job>('/jobs/query', { method: 'POST', json, signal })).id
  } catch (error) {
    throw concernsPart(error) ? markRefused(error as object) : error
  }
}

async function finished(client: Client, job: string, signal: AbortSignal): Promise<void> {
  let waited = 0
  for (let waitMs = 200; ; waitMs = Math.min(waitMs * 2, 30_000)) {
    const { state, errorMessage } = await client.json<Job>(`/jobs/query/${job}`, { signal })
    if (state === 'JobComplete') return
    const over = state === 'Failed' || state === 'Aborted'
    if (over || waited > longestWaitMs)
      throw markRefused(
        new ConnectorError(
          'unavailable',
          `The bulk query ${job} has the state ${state}${over ? '' : ' for two hours'}: ${(errorMessage ?? '').slice(0, 200)}`,
        ),
      )
    waited += waitMs
    await sleep(waitMs, undefined, { signal }).catch(() => signal.throwIfAborted())
  }
}

/** Takes back a job that nobody waits for any more: it would go on at the cost of others. Not under the run's signal: it may be what ended the wait. */
async function abandon(client: Client, job: string, reason: unknown): Promise<never> {
  await client
    .call(`/jobs/query/${job}`, { method: 'PATCH', json: { state: 'Aborted' }, signal: AbortSignal.timeout(5_000) })
    .then((response) => response.body?.cancel())
    .catch(() => {})
  throw reason
}

/** Results are kept for seven days: those of an older checkpoint are made anew. */
async function results(client: Client, path: string, signal: AbortSignal) {
  try {
    return await client.readable(path, { signal, headers: { accept: 'text/csv' } })
  } catch (error) {
    throw concernsPart(error) ? markRefused(error as object) : error
  }
}

function markRefused(error: object): object {
  refused.add(error)
  return error
}

/** In CSV, what is empty is null. */
function valuesOf(record: Record<string, string>): Row {
  const row: Record<string, string | null> = {}
  for (const [name, value] of Object.entries(record)) row[name] = value === '' ? null : value
  return row
}
