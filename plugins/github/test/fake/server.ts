import { createHash } from 'node:crypto'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Readable } from 'node:stream'
import { createGzip } from 'node:zlib'
import { pack } from 'tar-stream'
import { type AppKeys, appRoutes, issuerOf } from './apps.ts'
import { runQuery } from './graphql.ts'
import { type Ask, problem, type Reply } from './http.ts'
import { type Account, FakeRepo } from './model.ts'
import { accountRoutes, repoRoutes } from './routes.ts'
import type { FakeWiki } from './wikis.ts'

export interface Call {
  readonly method: string
  readonly path: string
  readonly status: number
  /** Against the primary limit: not 304, not the archive host. */
  readonly counted: boolean
  readonly authorized: boolean
  readonly at: number
}

interface Asked {
  readonly method: string
  readonly path: string
  readonly body?: string
}

export type Fault = (call: Asked) => Reply | 'drop' | 'hang' | undefined

/** GitHub on loopback: real Git objects, authentication, hidden private repositories, page caps, ETags and limits. */
export class FakeGitHub {
  readonly accounts: Account[] = []
  readonly repos: FakeRepo[] = []
  /** Token → login, or `installation:LOGIN`. */
  readonly tokens = new Map<string, string>()
  readonly calls: Call[] = []
  readonly faults: Fault[] = []
  readonly keys: AppKeys = {}
  /** By full name. */
  readonly wikis = new Map<string, FakeWiki>()
  /** By SHA-256. */
  readonly lfsObjects = new Map<string, Buffer>()
  /** Entries of one recursive tree answer. */
  treeLimit = 100_000
  /** Entries of one folder's answer. */
  levelLimit = 100_000
  graphql = true
  archives = true
  /** Logins of users whose tokens may list collaborators. */
  readonly writers = new Set<string>()
  limit: { limit: number; remaining: number; reset: number } = { limit: 5000, remaining: 5000, reset: 0 }
  /** Bytes of archives that were written to sockets. */
  archiveBytes = 0
  #server: Server | undefined
  #archive: Server | undefined

  async start(): Promise<this> {
    this.#server = createServer((request, response) =>
      this.#answer(request, response).catch((error) => response.writeHead(599).end(String(error.stack))),
    )
    this.#archive = createServer((request, response) => void this.#sendArchive(request, response))
    for (const server of [this.#server, this.#archive])
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    return this
  }

  async stop(): Promise<void> {
    for (const server of [this.#server, this.#archive]) {
      server?.closeAllConnections()
      await new Promise((resolve) => server?.close(resolve))
    }
    for (const wiki of this.wikis.values()) wiki.close()
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server!.address() as AddressInfo).port}`
  }

  get archiveUrl(): string {
    return `http://127.0.0.1:${(this.#archive!.address() as AddressInfo).port}`
  }

  account(login: string, type: Account['type'] = 'User', email?: string): Account {
    const made = { id: 100 + this.accounts.length, login, type, ...(email ? { email } : {}) }
    this.accounts.push(made)
    return made
  }

  repo(owner: Account, name: string): FakeRepo {
    const made = new FakeRepo(owner, name)
    this.repos.push(made)
    return made
  }

  /** Calls against the primary limit since the last `forget`. */
  get counted(): number {
    return this.calls.filter((call) => call.counted).length
  }

  forget(): void {
    this.calls.length = 0
  }

  sees(ask: Ask, repo: FakeRepo): boolean {
    if (repo.visibility === 'public') return true
    if (ask.installation) return ask.installation.toLowerCase() === repo.owner.login.toLowerCase()
    return ask.account !== undefined && (ask.account.id === repo.owner.id || repo.collaborators.has(ask.account.id))
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    const url = new URL(request.url!, this.url)
    const body = Buffer.concat(chunks)
    const asked = { method: request.method!, path: url.pathname + url.search, body: body.toString() }
    const fault = this.faults.map((one) => one(asked)).find((one) => one !== undefined)
    if (fault === 'hang') return
    if (fault === 'drop') return void request.socket.destroy()
    const reply = fault ?? this.#gitReply(request, url, body) ?? this.#reply(request, url, body.toString())
    await this.#send(request, response, url, await reply)
  }

  /** Wikis and LFS: Git's own ways, with the token as a password. */
  #gitReply(request: IncomingMessage, url: URL, body: Buffer): Reply | undefined {
    const [, fullName, kind, rest = ''] = /^\/([^/]+\/[^/]+?)(\.wiki)?\.git(\/.*)$/.exec(url.pathname) ?? []
    if (!fullName) return undefined
    const password = Buffer.from(request.headers.authorization?.split(' ')[1] ?? '', 'base64')
      .toString()
      .split(':')[1]
    if (password === undefined || !this.tokens.has(password)) return problem(401, 'Requires authentication')
    if (!kind) return this.lfs(rest, body.toString())
    const wiki = this.wikis.get(fullName)
    return wiki ? wiki.answer(rest, body, request.headers['content-encoding']) : problem(404, 'Not Found')
  }

  /** https://github.com/git-lfs/git-lfs/blob/main/docs/api/batch.md */
  lfs(rest: string, body: string): Reply {
    if (rest !== '/info/lfs/objects/batch') return problem(404, 'Not Found')
    const { objects } = JSON.parse(body) as { objects: { oid: string; size: number }[] }
    const found = objects.map(({ oid, size }) =>
      this.lfsObjects.has(oid)
        ? { oid, size, actions: { download: { href: `${this.archiveUrl}/lfs/${oid}`, header: { 'x-lfs': 'signed' } } } }
        : { oid, size, error: { code: 404, message: 'Object does not exist' } },
    )
    return { status: 200, body: { transfer: 'basic', objects: found } }
  }

  #reply(request: IncomingMessage, url: URL, body: string): Reply | Promise<Reply> {
    const authorization = request.headers.authorization
    const token = authorization?.replace(/^(bearer|token) /i, '')
    const ask = { method: request.method!, url, headers: request.headers, body }
    const issuer = token?.split('.').length === 3 ? issuerOf(token, this.keys) : undefined
    if (issuer !== undefined) return appRoutes(this, ask, issuer)
    const login = token === undefined ? undefined : this.tokens.get(token)
    if (token !== undefined && login === undefined) return problem(401, 'Bad credentials')
    if (this.limit.remaining <= 0)
      return problem(
        403,
        'API rate limit exceeded for user ID 1. If you reach out to GitHub Support for help, please include the request ID.',
      )
    const installation = login?.startsWith('installation:') ? login.slice('installation:'.length) : undefined
    const account = this.accounts.find((one) => one.login === login)
    const whole: Ask = { ...ask, account, installation }
    if (url.pathname === '/graphql') {
      if (!this.graphql) return problem(404, 'Not Found')
      return login === undefined
        ? problem(401, 'This endpoint requires you to be authenticated.')
        : runQuery(this, whole)
    }
    return repoRoutes(this, whole) ?? accountRoutes(this, whole) ?? problem(404, 'Not Found')
  }

  async #send(request: IncomingMessage, response: ServerResponse, url: URL, reply: Reply): Promise<void> {
    const body = Buffer.isBuffer(reply.body)
      ? reply.body
      : Buffer.from(typeof reply.body === 'string' ? reply.body : JSON.stringify(reply.body ?? null))
    const etag = reply.etag ?? `W/"${createHash('sha256').update(body).digest('hex')}"`
    const same = reply.status === 200 && request.headers['if-none-match'] === etag && request.method === 'GET'
    const counted = !same && reply.status !== 401
    if (counted && this.limit.remaining > 0) this.limit.remaining--
    this.calls.push({
      method: request.method!,
      path: url.pathname + url.search,
      status: same ? 304 : reply.status,
      counted,
      authorized: request.headers.authorization !== undefined,
      at: Date.now(),
    })
    response.writeHead(same ? 304 : reply.status, {
      'content-type':
        typeof reply.body === 'string' || Buffer.isBuffer(reply.body)
          ? 'application/octet-stream'
          : 'application/json; charset=utf-8',
      ...(reply.status === 200 ? { etag } : {}),
      'x-ratelimit-limit': this.limit.limit,
      'x-ratelimit-remaining': this.limit.remaining,
      'x-ratelimit-reset': this.limit.reset || Math.floor(Date.now() / 1000) + 3600,
      'x-ratelimit-resource': url.pathname === '/graphql' ? 'graphql' : 'core',
      ...reply.headers,
    })
    response.end(same ? undefined : body)
  }

  /** The archive host: no authorization header may reach it. */
  async #sendArchive(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const lfs = /^\/lfs\/(\w+)$/.exec(request.url!)
    if (lfs) {
      const allowed = request.headers['x-lfs'] === 'signed' && request.headers.authorization === undefined
      return void response.writeHead(allowed ? 200 : 403).end(allowed ? this.lfsObjects.get(lfs[1]!) : undefined)
    }
    const [, owner, name, , , sha = ''] = new URL(request.url!, this.archiveUrl).pathname.split('/')
    const path = `codeload:${request.url}`
    const authorized = request.headers.authorization !== undefined
    this.calls.push({ method: 'GET', path, status: 200, counted: false, authorized, at: Date.now() })
    const fault = this.faults.map((one) => one({ method: 'GET', path })).find((one) => one !== undefined)
    const repo = this.repos.find((one) => one.fullName === `${owner}/${name}`)!
    response.writeHead(200, { 'content-type': 'application/x-gzip' })
    const tar = pack()
    const folder = `${owner}-${name}-${sha.slice(0, 7)}`
    const source = Readable.from(tar as AsyncIterable<Buffer>)
    source.on('error', () => {})
    const flow = source.pipe(createGzip({ level: 1 }))
    flow.on('data', (chunk: Buffer) => {
      this.archiveBytes += chunk.length
      if (fault === 'drop' && this.archiveBytes > 50_000) response.destroy()
      else if (!response.write(chunk)) {
        flow.pause()
        response.once('drain', () => flow.resume())
      }
    })
    flow.on('end', () => response.end())
    response.on('close', () => tar.destroy())
    tar.on('error', () => {})
    for (const row of repo.git.walk(sha, true)) {
      const name = `${folder}/${row.path}`
      if (repo.exportIgnore.has(row.path) || row.type === 'commit') continue
      if (row.type === 'tree') tar.entry({ name: `${name}/`, type: 'directory' })
      else if (row.mode === '120000')
        tar.entry({ name, type: 'symlink', linkname: repo.git.blobs.get(row.sha)!.toString() })
      else tar.entry({ name }, Buffer.from(repo.exportSubst.get(row.path) ?? repo.git.blobs.get(row.sha)!))
    }
    tar.finalize()
  }
}
