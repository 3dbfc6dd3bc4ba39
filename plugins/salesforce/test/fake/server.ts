import { createPublicKey, verify } from 'node:crypto'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text as readText } from 'node:stream/consumers'
import type { QueryResult } from 'jsforce'
import { FakeOrg } from './org.ts'
import { Refusal, refuse } from './refuse.ts'
import type { Values } from './soql.ts'

const root = '/services/data/v64.0'

interface Cursor {
  readonly object: string
  readonly rows: readonly Values[]
  readonly at: number
  readonly size: number
  readonly madeAt: number
}

interface Job {
  readonly id: string
  readonly fields: readonly string[]
  readonly rows: readonly Values[]
  polls: number
  aborted?: boolean
}

/** Salesforce's REST API on loopback: signs in, pages, counts, refuses and forgets as Salesforce does. */
export class FakeSalesforce {
  readonly org = new FakeOrg()
  url = ''
  /** Access tokens that work. */
  readonly tokens = new Set<string>()
  readonly clients = new Map<string, { readonly secret: string }>()
  /** Consumer key → public key and who has approved it. */
  readonly apps = new Map<string, { readonly publicKey: string; readonly users: ReadonlySet<string> }>()
  pageSize = 2_000
  bulkPage = 50_000
  readonly noBulk = new Set<string>()
  /** How bulk jobs end, or that they never do. */
  bulkEnds: 'JobComplete' | 'Failed' | 'Aborted' | 'InProgress' = 'JobComplete'
  /** What the Tooling API answers about restriction rules; undefined: this edition has none. */
  restrictionRules: readonly { readonly TargetEntity: string; readonly EnforcementType: string }[] | undefined
  longestAddress = 16_384
  /** The last answer of a query, or of a bulk job's results, lacks a row that was promised. */
  losesRows = false
  /** Files come half. */
  breaksFiles = false
  used = 10
  limit = 100_000
  readonly calls: { readonly method: string; readonly path: string; readonly soql: string }[] = []
  /** Looks at every call before it is answered; may throw a refusal. */
  before: (call: { readonly n: number; readonly path: string; readonly soql: string }) => void = () => {}
  dates = true
  #minted = 0
  #pages = 0
  #server: Server | undefined
  readonly #cursors = new Map<string, Cursor>()
  readonly #jobs = new Map<string, Job>()

  async start(): Promise<this> {
    this.#server = createServer((request, response) => void this.#serve(request, response))
    await new Promise<void>((resolve) => this.#server!.listen(0, '127.0.0.1', resolve))
    this.url = `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
    return this
  }

  async stop(): Promise<void> {
    this.#server?.closeAllConnections()
    await new Promise((resolve) => this.#server?.close(resolve))
  }

  /** As after two days: pages that were not fetched cannot be any more. */
  forgetCursors(): void {
    this.#cursors.clear()
  }

  queries(pattern: RegExp): number {
    return this.calls.filter(({ soql }) => pattern.test(soql)).length
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const headers: Record<string, string> = { 'content-type': 'application/json;charset=UTF-8' }
    if (this.dates) headers.date = new Date(this.org.clock).toUTCString()
    try {
      if ((request.url ?? '').length > this.longestAddress) {
        response.writeHead(414, { 'content-type': 'text/html' }).end('<h1>URI Too Long</h1>')
        return
      }
      const url = new URL(request.url ?? '/', 'http://127.0.0.1')
      const soql = url.searchParams.get('q') ?? ''
      this.calls.push({ method: request.method ?? 'GET', path: url.pathname, soql })
      if (url.pathname === '/services/oauth2/token') {
        json(response, 200, headers, this.#token(new URLSearchParams(await readText(request))))
        return
      }
      this.#authenticate(request)
      this.used++
      headers['sforce-limit-info'] = `api-usage=${this.used}/${this.limit}`
      this.before({ n: this.calls.length, path: url.pathname, soql })
      if (this.used > this.limit) throw refuse(403, 'REQUEST_LIMIT_EXCEEDED', 'TotalRequests Limit exceeded.')
      await this.#api(request, response, url, headers)
    } catch (error) {
      if (error instanceof Refusal) json(response, error.status, headers, error.body)
      else
        json(response, 500, headers, [
          { message: `An unexpected error occurred: ${String(error)}`, errorCode: 'UNKNOWN_EXCEPTION' },
        ])
    }
  }

  #authenticate(request: IncomingMessage): void {
    const token = /^Bearer (.+)$/.exec(request.headers.authorization ?? '')?.[1]
    if (!token) throw refuse(401, 'INVALID_AUTH_HEADER', 'INVALID_HEADER_TYPE')
    if (!this.tokens.has(token)) throw refuse(401, 'INVALID_SESSION_ID', 'Session expired or invalid')
  }

  #token(form: URLSearchParams): unknown {
    const deny = (error: string, description: string) => new Refusal(400, { error, error_description: description })
    const grant = form.get('grant_type')
    if (grant === 'client_credentials') {
      const client = this.clients.get(form.get('client_id') ?? '')
      if (!client) throw deny('invalid_client_id', 'client identifier invalid')
      if (client.secret !== form.get('client_secret')) throw deny('invalid_client', 'invalid client credentials')
    } else if (grant === 'urn:ietf:params:oauth:grant-type:jwt-bearer') {
      const [head = '', body = '', signature = ''] = (form.get('assertion') ?? '').split('.')
      const claims = JSON.parse(Buffer.from(body, 'base64url').toString() || '{}') as {
        iss?: string
        sub?: string
        aud?: string
        exp?: number
      }
      const app = this.apps.get(claims.iss ?? '')
      if (!app) throw deny('invalid_client_id', 'client identifier invalid')
      const signed = verify(
        'RSA-SHA256',
        Buffer.from(`${head}.${body}`),
        createPublicKey(app.publicKey),
        Buffer.from(signature, 'base64url'),
      )
      if (!signed) throw deny('invalid_grant', 'invalid assertion')
      if (claims.aud !== this.url) throw deny('invalid_grant', 'audience is invalid')
      const left = (claims.exp ?? 0) - Date.now() / 1000
      if (left < 0 || left > 180) throw deny('invalid_grant', 'expired authorization code')
      if (!app.users.has(claims.sub ?? '')) throw deny('invalid_grant', "user hasn't approved this consumer")
    } else throw deny('unsupported_grant_type', 'grant type not supported')
    const token = `${this.org.id}!minted.${++this.#minted}.AQEAQ`
    this.tokens.add(token)
    return {
      access_token: token,
      instance_url: this.url,
      id: `${this.url}/id/${this.org.id}/${this.org.admin}`,
      token_type: 'Bearer',
      scope: 'api',
    }
  }

  async #api(
    request: IncomingMessage,
    response: ServerResponse,
    url: URL,
    headers: Record<string, string>,
  ): Promise<void> {
    if (!url.pathname.startsWith(`${root}/`)) throw refuse(404, 'NOT_FOUND', 'The requested resource does not exist')
    const path = url.pathname.slice(root.length)
    const parts = path.split('/').slice(1)
    if (path === '/sobjects')
      return json(response, 200, headers, {
        encoding: 'UTF-8',
        maxBatchSize: 200,
        sobjects: [...this.org.objects.values()].map(({ info }) => info),
      })
    if (parts[0] === 'sobjects' && parts[2] === 'describe')
      return json(response, 200, headers, this.#describe(parts[1]!))
    if (parts[0] === 'sobjects' && parts[3] === 'VersionData') {
      const row = this.org.table('ContentVersion').get(parts[2]!)
      const document = row && this.org.table('ContentDocument').get(String(row.ContentDocumentId))
      const bytes = this.org.files.get(parts[2]!)
      if (!row || !bytes || document?.IsDeleted !== false)
        throw refuse(404, 'NOT_FOUND', 'The requested resource does not exist')
      response.writeHead(200, {
        ...headers,
        'content-type': 'application/octetstream',
        'content-length': String(bytes.length),
      })
      if (this.breaksFiles) response.write(bytes.subarray(0, bytes.length >> 1), () => response.destroy())
      else response.end(bytes)
      return
    }
    if (parts[0] === 'query' || parts[0] === 'queryAll')
      return json(response, 200, headers, this.#query(request, url, parts))
    if (path === '/limits/recordCount') {
      const names = (url.searchParams.get('sObjects') ?? '').split(',')
      return json(response, 200, headers, {
        sObjects: names.map((name) => ({ name, count: this.org.table(name).size })),
      })
    }
    if (path === '/tooling/query') {
      const soql = url.searchParams.get('q') ?? ''
      if (!this.restrictionRules || !/ FROM RestrictionRule$/.test(soql))
        throw refuse(400, 'INVALID_TYPE', "sObject type 'RestrictionRule' is not supported.")
      const records = this.restrictionRules.map((rule) => ({ attributes: { type: 'RestrictionRule' }, ...rule }))
      return json(response, 200, headers, { totalSize: records.length, done: true, records })
    }
    if (parts[0] === 'jobs' && parts[1] === 'query') return this.#bulk(request, response, url, headers, parts)
    throw refuse(404, 'NOT_FOUND', 'The requested resource does not exist')
  }

  #describe(name: string): unknown {
    const found = this.org.objects.get(name.toLowerCase())
    if (!found) throw refuse(404, 'NOT_FOUND', 'The requested resource does not exist')
    return { ...found.info, fields: found.fields }
  }

  #query(request: IncomingMessage, url: URL, parts: readonly string[]): unknown {
    const wanted = Number(/batchSize=(\d+)/.exec(String(request.headers['sforce-query-options'] ?? ''))?.[1] ?? 2_000)
    if (wanted < 200 || wanted > 2_000)
      throw refuse(400, 'INVALID_QUERY_OPTIONS', 'batch size must be between 200 and 2000')
    if (parts[1] === undefined) {
      const { object, rows } = this.org.run(url.searchParams.get('q') ?? '', parts[0] === 'queryAll')
      return this.#page(
        { object, rows, at: 0, size: Math.min(wanted, this.pageSize), madeAt: this.org.clock },
        parts[0]!,
      )
    }
    const cursor = this.#cursors.get(parts[1])
    const twoDays = 2 * 86_400_000
    if (!cursor || this.org.clock - cursor.madeAt > twoDays)
      throw refuse(400, 'INVALID_QUERY_LOCATOR', 'invalid query locator')
    return this.#page(cursor, parts[0]!)
  }

  #page(cursor: Cursor, verb: string): unknown {
    const { object, rows, at, size } = cursor
    const end = at + size
    const records = rows.slice(at, end).map((row) => nested(object, row))
    const body = { totalSize: rows.length, done: end >= rows.length, records } satisfies QueryResult<unknown>
    if (body.done) return this.losesRows ? { ...body, records: records.slice(1) } : body
    const locator = `01g5g0000${++this.#pages}-${end}`
    this.#cursors.set(locator, { ...cursor, at: end })
    return { ...body, nextRecordsUrl: `${root}/${verb}/${locator}` }
  }

  async #bulk(
    request: IncomingMessage,
    response: ServerResponse,
    url: URL,
    headers: Record<string, string>,
    parts: readonly string[],
  ): Promise<void> {
    if (parts[2] === undefined) {
      const { query, operation } = JSON.parse(await readText(request)) as { query: string; operation: string }
      const { object, fields, rows } = this.org.run(query, operation === 'queryAll')
      if (this.noBulk.has(object))
        throw refuse(400, 'INVALIDENTITY', `Entity '${object}' is not supported by the Bulk API.`)
      const id = `7505g000${String(this.#jobs.size).padStart(7, '0')}AAA`
      this.#jobs.set(id, { id, fields, rows, polls: 0 })
      return json(response, 200, headers, { id, operation, object, state: 'UploadComplete' })
    }
    const job = this.#jobs.get(parts[2])
    if (!job) throw refuse(404, 'NOT_FOUND', 'The requested resource does not exist')
    const state = (): string => (job.aborted ? 'Aborted' : job.polls > 1 ? this.bulkEnds : 'InProgress')
    if (parts[3] === undefined && request.method === 'PATCH') {
      const change = JSON.parse(await readText(request)) as { state?: string }
      if (change.state !== 'Aborted' || !/^(?:UploadComplete|InProgress)$/.test(state()))
        throw refuse(400, 'INVALIDJOBSTATE', `The job has the state ${state()}.`)
      job.aborted = true
      return json(response, 200, headers, { id: job.id, state: 'Aborted' })
    }
    if (parts[3] === undefined) {
      job.polls++
      const failed = this.bulkEnds === 'Failed' ? { errorMessage: 'InternalServerError : timed out' } : {}
      return json(response, 200, headers, { id: job.id, state: state(), ...failed })
    }
    if (state() !== 'JobComplete') throw refuse(400, 'INVALIDJOBSTATE', 'The job is not complete.')
    const at = Number(url.searchParams.get('locator') ?? 0)
    const end = at + Math.min(this.bulkPage, Number(url.searchParams.get('maxRecords') ?? 50_000))
    const rows = job.rows.slice(at, end)
    response.writeHead(200, {
      ...headers,
      'content-type': 'text/csv',
      'sforce-locator': end < job.rows.length ? String(end) : 'null',
      'sforce-numberofrecords': String(rows.length),
    })
    response.end(
      [job.fields, ...rows.slice(this.losesRows ? 1 : 0).map((row) => job.fields.map((name) => row[name] ?? ''))]
        .map((line) => `${line.map(cell).join(',')}\n`)
        .join(''),
    )
  }
}

/** Bulk answers write times with a Z. */
function cell(value: unknown): string {
  return `"${String(value)
    .replace(/^(\d{4}-\d\d-\d\dT[\d:.]+)\+0000$/, '$1Z')
    .replaceAll('"', '""')}"`
}

function nested(object: string, row: Values): unknown {
  const record: Record<string, unknown> = { attributes: { type: object, url: `${root}/sobjects/${object}/${row.Id}` } }
  for (const [path, value] of Object.entries(row)) {
    const [first = '', ...rest] = path.split('.')
    if (rest.length === 0) record[first] = value
    else
      record[first] =
        value === null
          ? null
          : { ...(record[first] as object | null), attributes: { type: 'Name' }, [rest.join('.')]: value }
  }
  return record
}

function json(response: ServerResponse, status: number, headers: Record<string, string>, body: unknown): void {
  response.writeHead(status, headers).end(JSON.stringify(body))
}
