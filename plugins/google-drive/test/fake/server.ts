import { createPublicKey, verify } from 'node:crypto'
import { type Routes, startServer, type TestServer } from '@cx/testing'
import type { drive_v3 } from '@googleapis/drive'
import { parseMask, pick, unknownField } from './mask.ts'
import { document, folder, type Item, Model, me, shortcut } from './model.ts'
import { BadQuery, parseQuery, UnknownParent } from './query.ts'

export const driveScope = 'https://www.googleapis.com/auth/drive.readonly'
export const directoryScopes = [
  'https://www.googleapis.com/auth/admin.directory.group.readonly',
  'https://www.googleapis.com/auth/admin.directory.group.member.readonly',
]

const userFields = ['emailAddress', 'displayName', 'permissionId']
const file =
  'id name mimeType description parents driveId createdTime modifiedTime headRevisionId md5Checksum size webViewLink trashed ownedByMe sharedWithMeTime viewedByMeTime owners lastModifyingUser shortcutDetails resourceKey hasAugmentedPermissions inheritedPermissionsDisabled permissionIds permissions capabilities exportLinks version starred'.split(
    ' ',
  )
const schema: Readonly<Record<string, readonly string[]>> = {
  '': [...file, 'nextPageToken', 'newStartPageToken', 'incompleteSearch', 'files', 'drives', 'changes', 'user'],
  files: file,
  file,
  user: userFields,
  owners: userFields,
  lastModifyingUser: userFields,
  drives: ['id', 'name'],
  changes: ['changeType', 'removed', 'fileId', 'driveId', 'file', 'time', 'drive'],
  shortcutDetails: ['targetId', 'targetMimeType', 'targetResourceKey'],
  capabilities: ['canDownload', 'canAccessViaGenAi', 'canShare'],
  permissions: [
    'id',
    'type',
    'role',
    'emailAddress',
    'domain',
    'allowFileDiscovery',
    'deleted',
    'expirationTime',
    'view',
    'permissionDetails',
  ],
}

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
  incomplete = false
  /** Whether export links answer; else only the prepared download is left. */
  linksWork = true
  /** So many answers say that the quota is used up. */
  throttled = 0
  /** Called before each answer. */
  before: (route: string, url: URL) => Response | undefined = () => undefined
  readonly channels: Map<
    string,
    { readonly resourceId: string; readonly body: Record<string, string>; readonly log: string }
  > = new Map()
  readonly groups: Map<string, { email: string; type: string }[]> = new Map()
  /** PEM of service accounts by address, and the scopes that delegation grants. */
  readonly serviceAccounts: Map<string, { readonly publicKey: string; readonly delegated: readonly string[] }> =
    new Map()
  #epoch = 0
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
    this.#epoch++
  }

  async start(): Promise<this> {
    const routes: Record<string, Routes[string]> = {}
    for (const [route, handler] of Object.entries(this.#routes())) {
      const [method, path = ''] = route.split(' ')
      routes[`${method} ${path.startsWith('/admin') ? path : `/drive/v3${path}`}`] = (request, params, url) =>
        this.#answer(route, request, url, () => handler(request, params, url))
    }
    routes['POST /token'] = (request) => this.#exchange(request)
    routes['GET /link/:id'] = (request, { id = '' }) =>
      this.#who(request) && this.linksWork
        ? new Response(this.#markdown(this.items.get(id)!))
        : new Response('Sign in', { status: 403 })
    routes['GET /prepared/:id'] = (request, { id = '' }) =>
      this.#who(request) ? new Response(this.#markdown(this.items.get(id)!)) : new Response('Sign in', { status: 403 })
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
    const early = this.before(route, url)
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
      'GET /files': (_, __, url) => this.#list(url),
      'GET /files/:id': (request, { id = '' }, url) => {
        if (id === 'root') return Response.json({ id: this.root, name: 'My Drive', mimeType: folder })
        const drive = this.drives.get(id)
        if (id === this.root) return Response.json({ id, name: 'My Drive', mimeType: folder })
        if (drive) return Response.json({ id, name: 'Drive', mimeType: folder, driveId: id })
        const item = this.#visible(id, url, request)
        if (item instanceof Response) return item
        if (url.searchParams.get('alt') === 'media') return this.#media(item, request)
        const links = item.mimeType === document ? { exportLinks: { 'text/markdown': `${this.url}/link/${id}` } } : {}
        return Response.json({ ...this.resource(item), ...links })
      },
      'GET /files/:id/export': (request, { id = '' }, url) => {
        const item = this.#visible(id, new URL(`${url}&supportsAllDrives=true`), request)
        if (item instanceof Response) return item
        if (item.mimeType !== document && !item.mimeType.startsWith('application/vnd.google-apps.'))
          return failure(403, 'fileNotExportable', 'Export only supports Docs Editors files.')
        const text = url.searchParams.get('mimeType') === 'text/markdown' ? this.#markdown(item) : item.content
        if (text.length > this.exportLimit)
          return failure(403, 'exportSizeLimitExceeded', 'This file is too large to be exported.')
        return new Response(text, { headers: { 'content-type': url.searchParams.get('mimeType') ?? '' } })
      },
      'GET /files/:id/permissions': (_, { id = '' }, url) => {
        const size = Math.min(Number(url.searchParams.get('pageSize') ?? 100), 100)
        const from = Number(url.searchParams.get('pageToken') ?? 0)
        const item = this.drives.has(id) ? undefined : this.#visible(id, url)
        if (item instanceof Response) return item
        const all = item ? this.effective(item) : this.drives.get(id)!.members
        if (item && !item.driveId && item.owner !== me)
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
        this.#drive(url) ??
        Response.json({
          startPageToken: `${this.#epoch}-${this.changes.length}`,
        } satisfies drive_v3.Schema$StartPageToken),
      'GET /changes': (_, __, url) => this.#changes(url),
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
        return Response.json({
          kind: 'api#channel',
          id: body.id,
          resourceId: `r-${log}`,
          expiration: body.expiration ?? '',
        } satisfies drive_v3.Schema$Channel)
      },
      'POST /channels/stop': async (request) => {
        const body = (await request.json()) as { id: string; resourceId: string }
        if (this.channels.get(body.id)?.resourceId !== body.resourceId)
          return failure(404, 'notFound', `Channel '${body.id}' not found for project`)
        this.channels.delete(body.id)
        return new Response(null, { status: 204 })
      },
      'GET /admin/directory/v1/groups': () =>
        Response.json({ groups: [...this.groups.keys()].map((email) => ({ email })) }),
      'GET /admin/directory/v1/groups/:key/members': (_, { key = '' }) =>
        Response.json({ members: this.groups.get(key) ?? [] }),
    }
  }

  #drive(url: URL): Response | undefined {
    const id = url.searchParams.get('driveId')
    if (id === null || this.drives.get(id)?.members.some((one) => one.emailAddress === me)) return undefined
    return failure(404, 'teamDriveNotFound', `Shared drive not found: ${id}`, { location: 'driveId' })
  }

  #list(url: URL): Response {
    const query = url.searchParams
    const corpora = query.get('corpora') ?? 'user'
    if ((corpora === 'drive') !== query.has('driveId'))
      return failure(400, 'invalid', 'The driveId parameter must be specified if and only if corpora is set to drive.')
    if (query.get('includeItemsFromAllDrives') === 'true' && query.get('supportsAllDrives') !== 'true')
      return failure(403, 'teamDrivesNotSupported', 'includeItemsFromAllDrives needs supportsAllDrives.')
    const gone = this.#drive(url)
    if (gone) return gone
    const q = query.get('q') ?? ''
    let test: (item: Item) => boolean
    try {
      test = parseQuery(
        q,
        (id) =>
          id === 'root' ||
          id === this.root ||
          this.drives.has(id) ||
          (this.items.has(id) && this.canSee(this.items.get(id)!)),
      )
    } catch (error) {
      if (error instanceof UnknownParent) return failure(404, 'notFound', 'File not found: .', { location: 'fileId' })
      if (error instanceof BadQuery) return failure(400, 'invalid', 'Invalid Value', { location: 'q' })
      throw error
    }
    const scope = `${this.#epoch} ${corpora} ${query.get('driveId')} ${q}`
    const given = query.get('pageToken')
    const token = given === null ? undefined : decode(given)
    if (given !== null && token?.scope !== scope)
      return failure(400, 'invalid', 'Invalid Value', { location: 'pageToken' })
    const size = Math.min(Math.max(1, Number(query.get('pageSize') ?? 100)), 1000, this.pageCap)
    const after = token?.after ?? 0
    const found: Item[] = []
    let more = false
    for (const item of this.items.values()) {
      if (item.seq <= after) continue
      const here =
        corpora === 'drive'
          ? item.driveId === query.get('driveId')
          : item.driveId === undefined || !this.drives.get(item.driveId)?.members.some((one) => one.emailAddress === me)
      if (!here || !this.canSee(item) || !test(this.isTrashed(item) ? { ...item, trashed: true } : item)) continue
      if (found.length === size) {
        more = true
        break
      }
      found.push(item)
    }
    return Response.json({
      kind: 'drive#fileList',
      incompleteSearch: this.incomplete,
      files: found.map((item) => this.resource(item)),
      ...(more ? { nextPageToken: encode({ scope, after: found.at(-1)!.seq }) } : {}),
    } satisfies drive_v3.Schema$FileList)
  }

  #changes(url: URL): Response {
    const gone = this.#drive(url)
    if (gone) return gone
    const [epoch, at] = (url.searchParams.get('pageToken') ?? '').split('-')
    if (Number(epoch) !== this.#epoch || at === undefined || !(Number(at) <= this.changes.length))
      return failure(400, 'invalid', 'Invalid Value', { location: 'pageToken' })
    const log = url.searchParams.get('driveId') ?? 'user'
    const size = Math.min(Number(url.searchParams.get('pageSize') ?? 100), 1000, this.pageCap)
    const seen = new Set<string>()
    const changes: drive_v3.Schema$Change[] = []
    let next = Number(at)
    for (; next < this.changes.length && changes.length < size; next++) {
      const change = this.changes[next]!
      // Several edits collapse into the last one.
      const later = this.changes.slice(next + 1).some((one) => one.log === change.log && one.id === change.id)
      if (change.log !== log || later || seen.has(change.id)) continue
      seen.add(change.id)
      if (change.kind === 'drive')
        changes.push({
          kind: 'drive#change',
          changeType: 'drive',
          driveId: change.id,
          removed: !this.drives.has(change.id),
        })
      else {
        const item = this.items.get(change.id)
        const there = item !== undefined && this.canSee(item)
        changes.push({
          kind: 'drive#change',
          changeType: 'file',
          fileId: change.id,
          removed: !there || change.moved === true,
          ...(there ? { file: this.resource(item) } : {}),
        })
      }
    }
    const done = next >= this.changes.length
    return Response.json({
      changes,
      [done ? 'newStartPageToken' : 'nextPageToken']: `${this.#epoch}-${next}`,
    } satisfies drive_v3.Schema$ChangeList)
  }

  #markdown(item: Item): string {
    const images = Number(item.extra.description?.replace(/\D/g, '') || 0)
    return images === 0
      ? item.content
      : `![A chart][image1]\n\n${item.content}\n\n[image1]: <data:image/png;base64,${'A'.repeat(images)}>\n`
  }

  #media(item: Item, request: Request): Response {
    if (item.mimeType.startsWith('application/vnd.google-apps.'))
      return failure(
        403,
        'fileNotDownloadable',
        'Only files with binary content can be downloaded. Use Export with Docs Editors files.',
        { location: 'alt' },
      )
    if (item.extra.capabilities?.canDownload === false)
      return failure(403, 'cannotDownloadFile', 'This file cannot be downloaded by the user.')
    if (request.headers.get('range') === 'bytes=0-0') return new Response(item.content.slice(0, 1), { status: 206 })
    if (item.bytes === undefined) return new Response(item.content)
    let left = item.bytes
    const piece = new Uint8Array(1024 * 1024).fill(97)
    return new Response(
      new ReadableStream<Uint8Array>({
        pull(controller) {
          if (left <= 0) return controller.close()
          controller.enqueue(piece.subarray(0, Math.min(left, piece.length)))
          left -= piece.length
        },
      }),
    )
  }

  /** https://developers.google.com/identity/protocols/oauth2/service-account#httprest */
  async #exchange(request: Request): Promise<Response> {
    this.calls.set('POST /token', this.count('POST /token') + 1)
    const form = new URLSearchParams(await request.text())
    const [head = '', body = '', signature = ''] = (form.get('assertion') ?? '').split('.')
    const refuse = (status: number, error: string, error_description: string) =>
      Response.json({ error, error_description }, { status })
    const claims = JSON.parse(Buffer.from(body, 'base64url').toString() || '{}') as {
      iss: string
      sub?: string
      scope: string
      aud: string
      iat: number
      exp: number
    }
    const account = this.serviceAccounts.get(claims.iss)
    if (form.get('grant_type') !== 'urn:ietf:params:oauth:grant-type:jwt-bearer')
      return refuse(400, 'unsupported_grant_type', 'Invalid grant_type')
    if (
      !account ||
      !verify(
        'RSA-SHA256',
        Buffer.from(`${head}.${body}`),
        createPublicKey(account.publicKey),
        Buffer.from(signature, 'base64url'),
      )
    )
      return refuse(400, 'invalid_grant', 'Invalid JWT Signature.')
    if (claims.aud !== `${this.url}/token` || claims.exp - claims.iat > 3600)
      return refuse(400, 'invalid_grant', 'Invalid JWT: Token must be a short-lived token (60 minutes).')
    const scopes = claims.scope.split(' ')
    if (claims.sub && !scopes.every((scope) => account.delegated.includes(scope)))
      return refuse(
        401,
        'unauthorized_client',
        'Client is unauthorized to retrieve access tokens using this method, or client not authorized for any of the scopes requested.',
      )
    const accessToken = `sa-${claims.sub ?? claims.iss}-${this.count('POST /token')}`
    this.token(accessToken, scopes, claims.sub ?? claims.iss)
    return Response.json({ access_token: accessToken, expires_in: 3599, token_type: 'Bearer' })
  }
}

function encode(value: object): string {
  return `~!!~${Buffer.from(JSON.stringify(value)).toString('base64url')}`
}

function decode(token: string): { readonly scope: string; readonly after: number } | undefined {
  try {
    return JSON.parse(Buffer.from(token.slice(4), 'base64url').toString())
  } catch {
    return undefined
  }
}

/** https://developers.google.com/workspace/drive/api/guides/handle-errors */
export function failure(
  status: number,
  reason: string,
  message: string,
  options: { location?: string; domain?: string; status?: string; detail?: string; retryAfter?: string } = {},
): Response {
  const { location, domain = 'global', detail, retryAfter } = options
  const error = {
    code: status,
    message,
    errors: [{ message, domain, reason, ...(location ? { location, locationType: 'parameter' } : {}) }],
    ...(options.status ? { status: options.status } : {}),
    ...(detail
      ? { details: [{ '@type': 'type.googleapis.com/google.rpc.ErrorInfo', reason: detail, domain: 'googleapis.com' }] }
      : {}),
  }
  return Response.json({ error }, { status, headers: retryAfter ? { 'retry-after': retryAfter } : {} })
}

function notFound(id: string): Response {
  return failure(404, 'notFound', `File not found: ${id}.`, { location: 'fileId' })
}

export { document, folder, me, shortcut }
