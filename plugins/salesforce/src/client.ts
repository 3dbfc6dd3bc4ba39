import { Readable } from 'node:stream'
import { ConnectorError } from '@cx/core'
import { createHttp, type Http, type HttpCall } from '@cx/core/http'
import { type SignInOptions, signIn } from './auth.ts'
import { isTooLong, salesforceError } from './errors.ts'
import { Guard } from './guard.ts'

/** A record with dotted names for what came from related records; empty fields are null. */
export type Row = Readonly<Record<string, string | number | boolean | null>>

interface QueryAnswer {
  readonly totalSize: number
  readonly done: boolean
  readonly nextRecordsUrl?: string
  readonly records: readonly Record<string, unknown>[]
}

export interface QueryOptions {
  readonly signal: AbortSignal
  /** Deleted and archived records too. */
  readonly all?: boolean
}

/** The REST API of one organisation. */
export class Client {
  readonly instanceUrl: string
  readonly guard: Guard
  readonly #http: Http
  readonly #root: string
  #serverTime: number | undefined
  /** Characters an address may have. Salesforce takes 16 KB; what stands in between may take less. */
  addressRoom = 12_000

  private constructor(http: Http, instanceUrl: string, version: string, guard: Guard) {
    this.#http = http
    this.instanceUrl = instanceUrl
    this.guard = guard
    this.#root = `/services/data/v${version}`
  }

  static async open(options: SignInOptions): Promise<Client> {
    const guard = new Guard(options.config.apiReservePercent)
    const { instanceUrl, authorize } = await signIn(options)
    const http = createHttp({
      fetch: options.fetch,
      baseUrl: instanceUrl,
      authorize,
      vendor: 'Salesforce',
      errorOf: salesforceError,
    })
    return new Client(http, instanceUrl, options.config.apiVersion, guard)
  }

  /** The server's clock at its last answer, epoch ms: cursors never come from ours. */
  get serverTime(): number {
    return this.#serverTime ?? Date.now()
  }

  /** Path below `/services/data/vNN.0`, or from the root. */
  async call(path: string, call: HttpCall): Promise<Response> {
    this.guard.pass()
    try {
      const response = await this.#http.call(path.startsWith('/services/') ? path : `${this.#root}${path}`, call)
      this.guard.saw(response.headers)
      const date = Date.parse(response.headers.get('date') ?? '')
      if (!Number.isNaN(date)) this.#serverTime = date
      return response
    } catch (error) {
      this.guard.refused(error)
      throw error
    }
  }

  async json<T>(path: string, call: HttpCall): Promise<T> {
    const response = await this.call(path, call)
    try {
      return (await response.json()) as T
    } catch (error) {
      if (call.signal.aborted) throw call.signal.reason
      throw new ConnectorError('unavailable', 'An answer of Salesforce was cut off or is not JSON.', { cause: error })
    }
  }

  /** An answer's body; one that breaks half-way is worth another try. */
  async stream(path: string, call: HttpCall): Promise<ReadableStream<Uint8Array>> {
    const { body } = await this.call(path, call)
    if (body === null) return new Blob([]).stream()
    const reader = body.getReader()
    return new ReadableStream<Uint8Array>(
      {
        async pull(controller) {
          const { done, value } = await reader.read().catch((error: unknown) => {
            if (call.signal.aborted) throw call.signal.reason
            throw new ConnectorError('unavailable', 'The connection to Salesforce broke half-way through a file.', {
              cause: error,
            })
          })
          if (done) controller.close()
          else controller.enqueue(value)
        },
        cancel: (reason) => reader.cancel(reason),
      },
      { highWaterMark: 0 },
    )
  }

  /**
   * The pages of a query, to its very end: the server makes them as long as it likes, and says when it is done.
   * @throws ConnectorError `unavailable` when the server stops before the number of records it promised
   */
  async *query(soql: string, { signal, all = false }: QueryOptions): AsyncGenerator<readonly Row[], void, void> {
    let next: string | undefined = `/${all ? 'queryAll' : 'query'}?q=${encodeSoql(soql)}`
    const headers = { 'sforce-query-options': 'batchSize=2000' }
    let seen = 0
    while (next !== undefined) {
      const page: QueryAnswer = await this.json<QueryAnswer>(next, { signal, headers })
      seen += page.records.length
      yield page.records.map(flat)
      if (page.done && seen < page.totalSize)
        throw new ConnectorError('unavailable', `Salesforce ended a query after ${seen} of ${page.totalSize} records.`)
      if (!page.done && !page.nextRecordsUrl)
        throw new ConnectorError('unavailable', 'Salesforce ended a page of a query without telling the next one.')
      next = page.done ? undefined : page.nextRecordsUrl
    }
  }

  /** After an answer that an address is too long: whether a shorter one may be tried. */
  shorten(error: unknown): boolean {
    const tooLong = isTooLong(error) && this.addressRoom > 1_500
    if (tooLong) this.addressRoom /= 2
    return tooLong
  }

  /** All rows of a query, for the few that are small. */
  async rows(soql: string, options: QueryOptions): Promise<Row[]> {
    const rows: Row[] = []
    for await (const page of this.query(soql, options)) rows.push(...page)
    return rows
  }

  /** The few rows of a query of the Tooling API. */
  async tooling(soql: string, signal: AbortSignal): Promise<Row[]> {
    const { records } = await this.json<QueryAnswer>(`/tooling/query?q=${encodeSoql(soql)}`, { signal })
    return records.map(flat)
  }

  /** An answer's body as a Node stream, for parsers that take one. */
  async readable(path: string, call: HttpCall): Promise<{ readonly headers: Headers; readonly body: Readable }> {
    const response = await this.call(path, call)
    return {
      headers: response.headers,
      body: response.body ? Readable.fromWeb(response.body as never) : Readable.from([]),
    }
  }
}

/** As an address takes it; commas may stand, which saves a third of a list of ids. */
export function encodeSoql(soql: string): string {
  return encodeURIComponent(soql).replaceAll('%2C', ',').replaceAll('%20', '+').replaceAll("'", '%27')
}

function flat(record: Record<string, unknown>): Row {
  const row: Record<string, string | number | boolean | null> = {}
  for (const [name, value] of Object.entries(record)) {
    if (name === 'attributes') continue
    if (value !== null && typeof value === 'object') {
      for (const [inner, part] of Object.entries(flat(value as Record<string, unknown>))) row[`${name}.${inner}`] = part
    } else row[name] = value === undefined ? null : (value as string | number | boolean | null)
  }
  return row
}
