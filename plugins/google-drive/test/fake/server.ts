import { type Routes, startServer, type TestServer } from '@cx/testing'
import type { drive_v3 } from '@googleapis/drive'
import { failure, notFound, schema } from './answers.ts'
import { markdown, media } from './content.ts'
import { listChanges, listFiles, missingDrive } from './lists.ts'
import { parseMask, pick, unknownField } from './mask.ts'
import { document, folder, type Item, Model, me, shortcut } from './model.ts'
import { exchange } from './token.ts'

export const driveScope = 'https://www.googleapis.com/auth/drive.readonly'
export const directoryScopes = [
  'https://www.googleapis.com/auth/admin.directory.group.readonly',
  'https://www.googleapis.com/auth/admin.directory.group.member.readonly',
]

interface Token {
  readonly email: string
  readonly permissionId: string
  readonly scopes: readonly string[]
}

/** Google Drive on loopback, as strict as Google where a connector could go wrong. */
export class FakeDrive extends Model {
  readonly tokens: Map<string, Token> = new Map()
  readonly calls: Map<string, number> = new Map()
  readonly log_: string[] = []
  /** Files and changes in one answer, whatever is asked for. */
  pageCap = 1000
  exportLimit = 10 * 1024 * 1024
  longestChannelMs = 7 * 86_400_000
  /** Formats in which no document is to be had. */
  readonly noConversions: Set<string> = new Set()
  /** Whether Google did not search everything for this query. */
  incomplete: (q: string) => boolean = () => false
  /** Whether export links answer; else only the prepared download is left. */
  linksWork = true
  /** So many answers say that the quota is used up. */
  throttled = 0
  /** Called before each answer. */
  before: (route: string, url: URL, request: Request) => Response | undefined = () => undefined
  readonly channels: Map<
    string,
    { readonly resourceId: string; readonly body: Record<string, string>; readonly log: string }
  > = new Map()
  readonly groups: Map<string, { email: string; type: string; status?: string }[]> = new Map()
  /** PEM of service accounts by address, and the scopes that delegation grants. */
  readonly serviceAccounts: Map<string, { readonly publicKey: string; readonly delegated: readonly string[] }> =
    new Map()
  epoch = 0
  #server: TestServer | undefined

  get url(): string {
    return this.#server?.url ?? ''
  }

  count(route: string): number {
    return this.calls.get(route) ?? 0
  }

  get total(): number {
    return [...this.calls.values()].reduce((sum, one) => sum + one, 0)
  }

  token(token: string, scopes: readonly string[] = [driveScope], email: string = me): void {
    this.tokens.set(token, { email, permissionId: `p-${email}`, scopes })
  }

  /** No page token and no place in a log given out so far is good any more. */
  expireTokens(): void {
    this.epoch++
  }

  async start(): Promise<this> {
    const routes: Record<string, Routes[string]> = {}
    for (const [route, handler] of Object.entries(this.#routes())) {
      const [method, path = ''] = route.split(' ')
      routes[`${method} ${path.startsWith('/admin') ? path : `/drive/v3${path}`}`] = (request, params, url) =>
        this.#answer(route, request, url, () => handler(request, params, url))
    }
    routes['POST /token'] = (request) => exchange(this, request)
    routes['GET /link/:id'] = (request, { id = '' }) =>
      this.#who(request) && this.linksWork
        ? new Response(markdown(this.items.get(id)!))
        : new Response('Sign in', { status: 403 })
    routes['GET /prepared/:id'] = (request, { id = '' }) =>
      this.#who(request) ? new Response(markdown(this.items.get(id)!)) : new Response('Sign in', { status: 403 })
    this.#server = await startServer(routes)
    return this
  }

  async stop(): Promise<void> {
    await this.#server?.close()
  }

  #who(request: Request): Token | undefined {
    return this.tokens.get((request.headers.get('authorization') ?? '').replace(/^Bearer /, ''))
  }

  async #answer(
    route: string,
    request: Request,
    url: URL,
    handle: () => Response | Promise<Response>,
  ): Promise<Response> {
    this.calls.set(route, this.count(route) + 1)
    this.log_.push(`${request.method} ${url.pathname}${decodeURIComponent(url.search)}`)
    const early = this.before(route, url, request)
    if (early) return early
    const who = this.#who(request)
    if (!who)
      return failure(
        401,
        'authError',
        'Request had invalid authentication credentials. Expected OAuth 2 access token, login cookie or other valid authentication credential.',
        { location: 'Authorization', status: 'UNAUTHENTICATED' },
      )
    if (this.throttled > 0) {
      this.throttled--
      return failure(
        403,
        'userRateLimitExceeded',
        'User Rate Limit Exceeded. Rate of requests for user exceed configured project quota.',
        { domain: 'usageLimits' },
      )
    }
    const needed = route.includes('/admin/') ? directoryScopes : [driveScope]
    const content = url.searchParams.get('alt') === 'media' || route.includes('export')
    const metadata =
      !content && !route.includes('/admin/') && who.scopes.some((scope) => scope.endsWith('drive.metadata.readonly'))
    if (!metadata && !needed.every((scope) => who.scopes.includes(scope)))
      return failure(403, 'insufficientPermissions', 'Request had insufficient authentication scopes.', {
        status: 'PERMISSION_DENIED',
        detail: 'ACCESS_TOKEN_SCOPE_INSUFFICIENT',
      })
    const fields = url.searchParams.get('fields')
    const mask = fields === null ? undefined : parseMask(fields)
    const wrong = fields !== null && (mask ? unknownField(mask, schema) : fields)
    if (wrong) return failure(400, 'invalidParameter', `Invalid field selection ${wrong}`, { location: 'fields' })
    const response = await handle()
    if (!response.ok || !mask) return response
    return Response.json(pick(await response.json(), mask))
  }

  #visible(id: string, url: URL, request?: Request): Item | Response {
    const item = this.items.get(id)
    const linked =
      item?.resourceKey !== undefined &&
      request?.headers.get('x-goog-drive-resource-keys') === `${id}/${item.resourceKey}`
    if (
      !item ||
      (!this.canSee(item) && !linked) ||
      (item.driveId && url.searchParams.get('supportsAllDrives') !== 'true')
    )
      return notFound(id)
    return item
  }

  #routes(): Routes {
    return {
      'GET /about': (request, _, url) =>
        url.searchParams.has('fields')
          ? Response.json({
              user: {
                kind: 'drive#user',
                emailAddress: this.#who(request)!.email,
                displayName: 'Ann',
                permissionId: this.#who(request)!.permissionId,
              },
            } satisfies drive_v3.Schema$About)
          : failure(400, 'required', "The 'fields' parameter is required for this method.", { location: 'fields' }),
      'GET /drives': (_, __, url) => {
        const drives = [...this.drives.values()].filter((one) =>
          one.members.some((member) => member.emailAddress === me),
        )
        const size = Number(url.searchParams.get('pageSize') ?? 10)
        const from = Number(url.searchParams.get('pageToken') ?? 0)
        return Response.json({
          drives: drives.slice(from, from + Math.min(size, 100)).map(({ id, name }) => ({ id, name })),
          ...(drives.length > from + size ? { nextPageToken: String(from + size) } : {}),
        } satisfies drive_v3.Schema$DriveList)
      },
      'GET /drives/:id': (_, { id = '' }) => {
        const drive = this.drives.get(id)
        return drive?.members.some((member) => member.emailAddress === me)
          ? Response.json({ id, name: drive.name } satisfies drive_v3.Schema$Drive)
          : failure(404, 'notFound', `Shared drive not found: ${id}`, { location: 'driveId' })
      },
      'GET /files': (_, __, url) => listFiles(this, url),
      'GET /files/:id': (request, { id = '' }, url) => {
        if (id === 'root') return Response.json({ id: this.root, name: 'My Drive', mimeType: folder })
        const drive = this.isMember(id) ? this.drives.get(id) : undefined
        if (id === this.root) return Response.json({ id, name: 'My Drive', mimeType: folder })
        if (drive) return Response.json({ id, name: 'Drive', mimeType: folder, driveId: id })
        const item = this.#visible(id, url, request)
        if (item instanceof Response) return item
        if (url.searchParams.get('alt') === 'media') return media(item, request)
        const links = item.mimeType === document ? { exportLinks: { 'text/markdown': `${this.url}/link/${id}` } } : {}
        return Response.json({ ...this.resource(item), ...links })
      },
      'GET /files/:id/export': (request, { id = '' }, url) => {
        const item = this.#visible(id, new URL(`${url}&supportsAllDrives=true`), request)
        if (item instanceof Response) return item
        if (item.mimeType !== document && !item.mimeType.startsWith('application/vnd.google-apps.'))
          return failure(403, 'fileNotExportable', 'Export only supports Docs Editors files.')
        const text = url.searchParams.get('mimeType') === 'text/markdown' ? markdown(item) : item.content
        if (this.noConversions.has(url.searchParams.get('mimeType') ?? ''))
          return failure(400, 'badRequest', 'The requested conversion is not supported.', { location: 'convertTo' })
        if (text.length > this.exportLimit)
          return failure(403, 'exportSizeLimitExceeded', 'This file is too large to be exported.')
        return new Response(text, { headers: { 'content-type': url.searchParams.get('mimeType') ?? '' } })
      },
      'GET /files/:id/permissions': (_, { id = '' }, url) => {
        const size = Math.min(Number(url.searchParams.get('pageSize') ?? 100), 100)
        const from = Number(url.searchParams.get('pageToken') ?? 0)
        const item = this.isMember(id) ? undefined : this.#visible(id, url)
        if (item instanceof Response) return item
        const all = item ? this.effective(item) : this.drives.get(id)!.members
        if (item && (item.driveId ? !this.isMember(item.driveId) : item.owner !== me))
          return failure(
            403,
            'insufficientFilePermissions',
            'The user does not have sufficient permissions for this file.',
          )
        return Response.json({
          permissions: all.slice(from, from + size),
          ...(all.length > from + size ? { nextPageToken: String(from + size) } : {}),
        } satisfies drive_v3.Schema$PermissionList)
      },
      'GET /changes/startPageToken': (_, __, url) =>
        missingDrive(this, url) ??
        Response.json({
          startPageToken: `${this.epoch}-${this.changes.length}`,
        } satisfies drive_v3.Schema$StartPageToken),
      'GET /changes': (_, __, url) => listChanges(this, url),
      'POST /files/:id/download': (_, { id = '' }) => Response.json({ name: `op-${id}`, done: false }),
      'GET /operations/:name': (_, { name = '' }) =>
        Response.json({ name, done: true, response: { downloadUri: `${this.url}/prepared/${name.slice(3)}` } }),
      'POST /changes/watch': async (request, _, url) => {
        const body = (await request.json()) as Record<string, string>
        if (!body.address?.startsWith('https://'))
          return failure(401, 'push.webhookUrlNotHttps', 'WebHook callback must be HTTPS')
        if (body.type !== 'web_hook' || !body.id || this.channels.has(body.id))
          return failure(400, 'channelIdNotUnique', `Channel id ${body.id} not unique`)
        const log = url.searchParams.get('driveId') ?? 'user'
        this.channels.set(body.id, { resourceId: `r-${log}`, body, log })
        // An hour unless asked for more, and never more than a week.
        const until = Math.min(Number(body.expiration ?? Date.now() + 3_600_000), Date.now() + this.longestChannelMs)
        return Response.json({
          kind: 'api#channel',
          id: body.id,
          resourceId: `r-${log}`,
          expiration: String(until),
        } satisfies drive_v3.Schema$Channel)
      },
      'POST /channels/stop': async (request) => {
        const body = (await request.json()) as { id: string; resourceId: string }
        if (this.channels.get(body.id)?.resourceId !== body.resourceId)
          return failure(404, 'notFound', `Channel '${body.id}' not found for project`)
        this.channels.delete(body.id)
        return new Response(null, { status: 204 })
      },
      'GET /admin/directory/v1/groups': (_, __, url) =>
        directoryPage(
          url,
          'groups',
          [...this.groups.keys()].map((email) => ({ email })),
        ),
      'GET /admin/directory/v1/groups/:key/members': (_, { key = '' }, url) =>
        directoryPage(url, 'members', this.groups.get(key) ?? []),
    }
  }
}

function directoryPage(url: URL, field: string, all: readonly object[]): Response {
  const from = Number(url.searchParams.get('pageToken') ?? 0)
  const to = from + Math.min(Number(url.searchParams.get('maxResults') ?? 200), 200)
  return Response.json({ [field]: all.slice(from, to), ...(all.length > to ? { nextPageToken: String(to) } : {}) })
}

export { document, failure, folder, me, shortcut }
