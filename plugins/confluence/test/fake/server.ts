import { startServer } from '@cx/testing'
import { cloudRoutes } from './cloud.ts'
import { dataCenterRoutes } from './data-center.ts'
import { type FakeContent, Model } from './model.ts'
import { problem, type Route } from './v1.ts'

export interface FakeCall {
  readonly method: string
  readonly path: string
  readonly query: URLSearchParams
}

interface Grant {
  readonly user: string
  /** Scopes of an OAuth token; all where there are none. */
  readonly scopes?: readonly string[]
}

const scopeOf: readonly (readonly [RegExp, string])[] = [
  [/^\/api\/v2\/spaces\/[^/]+\/(permissions|role)|space-role-mode/, 'read:permission:confluence'],
  [/^\/api\/v2\/spaces/, 'read:space:confluence'],
  [/^\/api\/v2\/pages/, 'read:page:confluence'],
  [/^\/api\/v2\/blogposts/, 'read:blogpost:confluence'],
  [/^\/api\/v2\/folders/, 'read:folder:confluence'],
  [/^\/api\/v2\/users-bulk/, 'read:user:confluence'],
  [/^\/rest\/api\/content\/search/, 'search:confluence'],
  [/^\/rest\/api\/content\/[^/]+\/child\/attachment\/.*\/download/, 'readonly:content.attachment:confluence'],
  [/^\/rest\/api\/content\/[^/]+\/restriction/, 'read:confluence-content.permission'],
  [/^\/rest\/api\/user/, 'read:content-details:confluence'],
  [/^\/rest\/api\/group/, 'read:confluence-groups'],
]

/** A Confluence on loopback, of either product, that refuses what the real one refuses. */
export class FakeConfluence {
  readonly model: Model = new Model()
  readonly cloud: boolean
  /** By the whole `Authorization` header. */
  readonly grants: Map<string, Grant> = new Map()
  readonly calls: FakeCall[] = []
  readonly webhooks: { url: string; configuration?: { secret?: string }; events: string[] }[] = []
  cloudId = 'cloud-1'
  serverId = 'SRV-1'
  /** Rows in one answer at most, whatever is asked for. */
  mostRows = Number.POSITIVE_INFINITY
  /** Readers in a list that comes with other content. */
  inlineRestrictions = 25
  /** Takes wrong credentials for no credentials, as some sites do. */
  anonymous = false
  /** Tokens with scopes: refused at the site, good at the gateway. */
  gatewayOnly = false
  /** The sites that an OAuth grant covers. */
  granted: { id: string; url: string }[] = []
  /** An answer of its own instead of the usual one. */
  intercept: (call: FakeCall) => Response | undefined = () => undefined
  /** What the remote API of older lines says of a space; it is switched off where there is nothing. */
  rpc: readonly object[] | undefined
  /** Gives an empty page with a next one behind the last one, and behind that, without end. */
  endless = false
  /** Puts an empty page with a next one before each page. */
  emptyPages = false
  url = ''
  #epoch = 1
  #close: () => Promise<void> = async () => {}

  constructor(flavour: 'cloud' | 'data_center') {
    this.cloud = flavour === 'cloud'
  }

  get instanceUrl(): string {
    return this.cloud ? this.url : `${this.url}/confluence`
  }

  async start(): Promise<this> {
    const product = this.cloud ? cloudRoutes(this) : dataCenterRoutes(this)
    const prefixes = this.cloud ? ['/wiki', '/ex/confluence/:cloud/wiki'] : ['/confluence']
    const routes: Record<
      string,
      (request: Request, params: Readonly<Record<string, string>>, url: URL) => Response | Promise<Response>
    > = {}
    for (const prefix of prefixes)
      for (const [pattern, route] of Object.entries(product)) {
        const [method, path] = pattern.split(' ')
        routes[`${method} ${prefix}${path}`] = (request, params, url) => this.#answer(route, request, params, url)
      }
    const server = await startServer({
      ...routes,
      'GET /_edge/tenant_info': () =>
        this.cloud ? Response.json({ cloudId: this.cloudId }) : problem(404, 'Not found'),
      'GET /oauth/token/accessible-resources': (request) => {
        const grant = this.grants.get(request.headers.get('authorization') ?? '')
        if (!grant) return problem(401, 'Unauthorized')
        const scopes = (grant.scopes ?? []).filter((scope) => scope !== 'offline_access')
        return Response.json(this.granted.map((site) => ({ ...site, scopes })))
      },
      'GET /media/:id': (request, { id = '' }) => {
        // A signed address refuses a second proof.
        if (request.headers.has('authorization'))
          return new Response('Only one auth mechanism allowed', { status: 400 })
        return this.bytesOf(this.model.contents.get(id)!)
      },
    })
    this.url = server.url
    this.#close = () => server.close()
    return this
  }

  stop(): Promise<void> {
    return this.#close()
  }

  /** Cursors given out so far are good no more. */
  expireCursors(): void {
    this.#epoch++
  }

  userOf(request: Request): string | undefined {
    return this.grants.get(request.headers.get('authorization') ?? '')?.user
  }

  mediaUrl(id: string): string {
    return `${this.url.replace('127.0.0.1', 'localhost')}/media/${id}`
  }

  bytesOf({ bytes = new Uint8Array(), mediaType = 'application/octet-stream' }: FakeContent): Response {
    const headers = { 'content-type': mediaType }
    if (typeof bytes !== 'number') return new Response(new Uint8Array(bytes), { headers })
    let left = bytes
    const body = new ReadableStream<Uint8Array>({
      pull(controller) {
        if (left === 0) return controller.close()
        const size = Math.min(left, 65_536)
        left -= size
        controller.enqueue(new Uint8Array(size))
      },
    })
    return new Response(body, { headers })
  }

  /** A page of REST v2: an opaque cursor that fits this query alone. */
  v2Page<T>(url: URL, all: readonly T[], make: (one: T, index: number) => object): Response {
    const asked = Number(url.searchParams.get('limit') ?? 25)
    if (!(asked >= 1 && asked <= 250)) return problem(400, 'limit must be between 1 and 250')
    return this.#cursorPage(url, all, make, asked, '/wiki')
  }

  /** A page of REST v1: cursors in the cloud, offsets with a miscounted next link in Data Center. */
  v1Page<T>(url: URL, all: readonly T[], make: (one: T, index: number) => object, most: number): Response {
    const asked = Number(url.searchParams.get('limit') ?? 25)
    if (this.cloud && url.pathname.endsWith('/search'))
      return this.#cursorPage(url, all, make, Math.min(asked, most), '')
    const start = Number(url.searchParams.get('start') ?? 0)
    const limit = Math.min(asked, most, this.mostRows)
    const rows = all.slice(start, start + limit)
    const broken = this.#poisoned(rows)
    if (broken) return broken
    const more = start + limit < all.length
    // https://github.com/onyx-dot-app/onyx/issues/4129: the limit is cut in silence, and `start` counted by what was asked.
    const next = `${url.pathname}?start=${start + (this.cloud ? limit : asked)}&limit=${asked}`
    return Response.json({
      results: rows.map(make),
      start,
      limit,
      size: rows.length,
      _links: more || this.endless ? { next } : {},
    })
  }

  #cursorPage<T>(
    url: URL,
    all: readonly T[],
    make: (one: T, index: number) => object,
    asked: number,
    prefix: string,
  ): Response {
    const cursor = url.searchParams.get('cursor')
    const query = new URLSearchParams(url.searchParams)
    query.delete('cursor')
    query.delete('limit')
    const fingerprint = query.toString()
    let start = 0
    let filled = !this.emptyPages
    if (cursor !== null) {
      const known = parseCursor(cursor)
      if (known?.epoch !== this.#epoch || known.query !== fingerprint) return problem(400, 'Invalid cursor')
      start = known.start
      filled ||= known.filled
    }
    const limit = Math.min(asked, this.mostRows)
    const rows = filled ? all.slice(start, start + limit) : []
    const broken = this.#poisoned(rows)
    if (broken) return broken
    const reached = start + rows.length
    const next = Buffer.from(
      JSON.stringify({ epoch: this.#epoch, query: fingerprint, start: reached, filled: !filled }),
    ).toString('base64url')
    const link = `${prefix}${url.pathname.replace(/^.*\/wiki/, '')}?cursor=${next}&limit=${asked}`
    return Response.json({
      results: rows.map(make),
      ...(prefix === '' && { start, limit, size: rows.length }),
      _links:
        reached < all.length || !filled || this.endless
          ? { next: link, base: `${this.url}/wiki` }
          : { base: `${this.url}/wiki` },
    })
  }

  #poisoned(rows: readonly unknown[]): Response | undefined {
    const bad = rows.some((row) => (row as Partial<FakeContent>).poisoned)
    return bad ? problem(500, 'Internal server error') : undefined
  }

  async #answer(route: Route, request: Request, params: Readonly<Record<string, string>>, url: URL): Promise<Response> {
    const path = url.pathname.replace(/^(\/ex\/confluence\/[^/]+)?\/(wiki|confluence)/, '')
    const call = { method: request.method, path, query: url.searchParams }
    this.calls.push(call)
    const own = this.intercept(call)
    if (own) return own
    const response = this.#refuse(request, url, path, params.cloud) ?? (await route(url, params, request))
    response.headers.set('date', new Date(this.model.now()).toUTCString())
    return response
  }

  #refuse(request: Request, url: URL, path: string, cloudId: string | undefined): Response | undefined {
    const grant = this.grants.get(request.headers.get('authorization') ?? '')
    if (cloudId !== undefined && cloudId !== this.cloudId) return problem(404, 'No such site')
    if (this.gatewayOnly && cloudId === undefined) return problem(401, 'Unauthorized')
    if (grant === undefined)
      return this.anonymous ? undefined : problem(401, 'Client must be authenticated to access this resource.')
    const needed = scopeOf.find(([pattern]) => pattern.test(path))?.[1]
    if (grant.scopes && needed && !grant.scopes.includes(needed))
      return Response.json({ code: 401, message: 'Unauthorized; scope does not match' }, { status: 401 })
    return url.pathname.includes('//') ? problem(404, 'Not found') : undefined
  }
}

function parseCursor(
  cursor: string,
): { readonly epoch: number; readonly query: string; readonly start: number; readonly filled: boolean } | undefined {
  try {
    return JSON.parse(Buffer.from(cursor, 'base64url').toString())
  } catch {
    return undefined
  }
}
