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
  if (!resume) await finished(client, job, signal)
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
  for (let waitMs = 200; ; waitMs = Math.min(waitMs * 2, 30_000)) {
    const { state, errorMessage } = await client.json<Job>(`/jobs/query/${job}`, { signal })
    if (state === 'JobComplete') return
    if (state === 'Failed' || state === 'Aborted')
      throw markRefused(
        new ConnectorError(
          'unavailable',
          `The bulk query ${job} has the state ${state}: ${(errorMessage ?? '').slice(0, 200)}`,
        ),
      )
    await sleep(waitMs, undefined, { signal }).catch(() => signal.throwIfAborted())
  }
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
