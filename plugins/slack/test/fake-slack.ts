import { startServer, type TestServer } from '@cx/testing'
import type {
  AuthTestResponse,
  ConversationsHistoryResponse,
  ConversationsInfoResponse,
  ConversationsListResponse,
  ConversationsMembersResponse,
  ConversationsRepliesResponse,
  FilesInfoResponse,
  UsersListResponse,
} from '@slack/web-api'
import type { Message, SlackFile, User } from '../src/types.ts'

export interface FakeChannel {
  readonly id: string
  name: string
  isPrivate: boolean
  isArchived: boolean
  readonly previousNames: string[]
  readonly members: Set<string>
  /** Top-level messages by timestamp. */
  readonly messages: Map<string, Message>
  /** Replies by the parent's timestamp. */
  readonly replies: Map<string, Message[]>
  /** Hides what is older, as free plans do. */
  hiddenBefore?: string
}

const scopeOf: Readonly<Record<string, (channel: FakeChannel | undefined) => string>> = {
  'conversations.history': (channel) => (channel?.isPrivate ? 'groups:history' : 'channels:history'),
  'conversations.replies': (channel) => (channel?.isPrivate ? 'groups:history' : 'channels:history'),
  'conversations.info': (channel) => (channel?.isPrivate ? 'groups:read' : 'channels:read'),
  'conversations.members': (channel) => (channel?.isPrivate ? 'groups:read' : 'channels:read'),
  'conversations.join': () => 'channels:join',
  'users.list': () => 'users:read',
  'files.info': () => 'files:read',
}

export const allScopes = [
  'channels:read',
  'channels:history',
  'groups:read',
  'groups:history',
  'users:read',
  'users:read.email',
  'files:read',
]

/** What Slack's documentation says its Web API does, for the methods that the connector calls. */
export class FakeSlack {
  readonly botId = 'U0BOT00001'
  teamId = 'T0ACME0001'
  readonly channels = new Map<string, FakeChannel>()
  readonly users = new Map<string, User>()
  readonly files = new Map<string, { file: SlackFile; bytes: string | number; channels: string[] }>()
  readonly tokens = new Map<string, { scopes: string[]; expired?: boolean }>()
  /** Calls by method. */
  readonly calls = new Map<string, number>()
  /** Largest page, beneath the vendor's own caps. */
  pageCap = 1000
  /** Of the app class that Slack limits: 15 messages a call. */
  limitedClass = false
  /** Like servers that stand in for Slack: GET is not found. */
  postOnly = false
  refusedGets = 0
  /** Answers the next calls of a method instead. */
  readonly next = new Map<string, (() => Response | undefined | Promise<Response>)[]>()
  #cursorsFrom = 0
  #server: TestServer | undefined
  #ids = 0

  async start(): Promise<this> {
    const handler = (request: Request, { method = '' }: Readonly<Record<string, string>>, url: URL) =>
      this.#answer(method, request, url)
    this.#server = await startServer({
      'GET /api/:method': handler,
      'POST /api/:method': handler,
      'GET /files/:id': (request, { id = '' }) => this.#download(id, request),
    })
    this.user(this.botId, 'cx', { is_bot: true })
    return this
  }

  stop(): Promise<void> {
    return this.#server!.close()
  }

  get url(): string {
    return `${this.#server!.url}/api`
  }

  get origin(): string {
    return this.#server!.url
  }

  count(method: string): number {
    return this.calls.get(method) ?? 0
  }

  total(): number {
    return [...this.calls.values()].reduce((sum, count) => sum + count, 0)
  }

  expireCursors(): void {
    this.#cursorsFrom++
  }

  user(id: string, name: string, more: Partial<User> = {}): User {
    const user = { id, name, real_name: name, profile: { display_name: name, email: `${name}@example.com` }, ...more }
    this.users.set(id, user)
    return user
  }

  channel(
    name: string,
    { isPrivate = false, member = true }: { isPrivate?: boolean; member?: boolean } = {},
  ): FakeChannel {
    const id = `C0${String(++this.#ids).padStart(8, '0')}`
    const channel: FakeChannel = {
      id,
      name,
      isPrivate,
      isArchived: false,
      previousNames: [],
      members: new Set(member ? [this.botId] : []),
      messages: new Map(),
      replies: new Map(),
    }
    this.channels.set(id, channel)
    return channel
  }

  rename(channel: FakeChannel, name: string): void {
    channel.previousNames.push(channel.name)
    channel.name = name
  }

  post(channel: FakeChannel, ts: string, text: string, more: Partial<Message> = {}): Message {
    const message: Message = { type: 'message', ts, user: 'U0ANN00001', text, ...more }
    channel.messages.set(ts, message)
    return message
  }

  reply(channel: FakeChannel, parentTs: string, ts: string, text: string, user = 'U0BOB00001'): void {
    const replies = channel.replies.get(parentTs) ?? []
    channel.replies.set(parentTs, [...replies, { type: 'message', ts, user, text, thread_ts: parentTs }])
  }

  edit(channel: FakeChannel, ts: string, text: string): void {
    const message = channel.messages.get(ts)!
    const times = Number(message.edited?.ts?.split('.')[1] ?? 0) + 1
    const edited = { ts: `${ts.split('.')[0]}.${String(times).padStart(6, '0')}` }
    channel.messages.set(ts, { ...message, text, edited })
  }

  attach(channel: FakeChannel, ts: string, file: Partial<SlackFile> & { id: string }, bytes: string | number): void {
    const whole: SlackFile = {
      name: `${file.id}.txt`,
      mimetype: 'text/plain',
      size: typeof bytes === 'number' ? bytes : Buffer.byteLength(bytes),
      timestamp: Number(ts.split('.')[0]),
      user: 'U0ANN00001',
      permalink: `https://acme.slack.com/files/U0ANN00001/${file.id}`,
      url_private: `${this.origin}/files/${file.id}`,
      ...file,
    }
    this.files.set(file.id, { file: whole, bytes, channels: [channel.id] })
    const message = channel.messages.get(ts)!
    channel.messages.set(ts, { ...message, files: [...(message.files ?? []), whole] })
  }

  /** A message as history shows it: a parent knows of its replies. */
  shown(channel: FakeChannel, message: Message): Message {
    const replies = channel.replies.get(message.ts) ?? []
    if (replies.length === 0) return message
    return { ...message, thread_ts: message.ts, reply_count: replies.length, latest_reply: replies.at(-1)!.ts }
  }

  async #answer(method: string, request: Request, url: URL): Promise<Response> {
    if (this.postOnly && request.method === 'GET') {
      this.refusedGets++
      return new Response('Not found', { status: 404 })
    }
    this.calls.set(method, this.count(method) + 1)
    const params = url.searchParams
    if (request.method === 'POST')
      for (const [name, value] of new URLSearchParams(await request.text())) params.append(name, value)
    const instead = await this.next.get(method)?.shift()?.()
    if (instead) return instead
    const header = request.headers.get('authorization') ?? ''
    if (!header.startsWith('Bearer ')) return failure('not_authed')
    const token = this.tokens.get(header.slice(7))
    if (!token) return failure('invalid_auth')
    if (token.expired) return failure('token_expired')
    const channel = this.channels.get(params.get('channel') ?? '')
    const needed = method === 'conversations.list' ? listScopes(params) : [scopeOf[method]?.(channel)]
    for (const scope of needed)
      if (scope !== undefined && !token.scopes.includes(scope))
        return failure('missing_scope', { needed: scope, provided: token.scopes.join(',') })
    const answer = this.#call(method, params, channel, token.scopes)
    return Response.json(answer, { headers: { 'x-oauth-scopes': token.scopes.join(',') } })
  }

  #call(method: string, params: URLSearchParams, channel: FakeChannel | undefined, scopes: readonly string[]): object {
    switch (method) {
      case 'auth.test':
        return {
          ok: true,
          url: 'https://acme.slack.com/',
          team: 'Acme',
          team_id: this.teamId,
          user: 'cx',
          user_id: this.botId,
        } satisfies AuthTestResponse
      case 'users.list': {
        const page = this.#page([...this.users.values()], params, 1000)
        if ('error' in page) return page
        const members = page.items.map((user) =>
          scopes.includes('users:read.email')
            ? user
            : { ...user, profile: { display_name: user.profile?.display_name ?? '' } },
        )
        return { ok: true, members, response_metadata: { next_cursor: page.next } } satisfies UsersListResponse
      }
      case 'conversations.list': {
        const types = (params.get('types') ?? 'public_channel').split(',')
        // Paged first and filtered then, so that pages come up short.
        const page = this.#page([...this.channels.values()], params, 1000)
        if ('error' in page) return page
        const channels = page.items
          .filter((one) => types.includes(one.isPrivate ? 'private_channel' : 'public_channel'))
          .filter((one) => !one.isPrivate || one.members.has(this.botId))
          .filter((one) => params.get('exclude_archived') !== 'true' || !one.isArchived)
          .map((one) => this.#json(one))
        return { ok: true, channels, response_metadata: { next_cursor: page.next } } satisfies ConversationsListResponse
      }
      case 'conversations.info':
        if (!channel || !this.#visible(channel)) return { ok: false, error: 'channel_not_found' }
        return { ok: true, channel: this.#json(channel) } satisfies ConversationsInfoResponse
      case 'conversations.join':
        if (!channel || channel.isPrivate) return { ok: false, error: 'channel_not_found' }
        channel.members.add(this.botId)
        return { ok: true, channel: this.#json(channel) }
      case 'conversations.members': {
        if (!channel || !this.#visible(channel)) return { ok: false, error: 'channel_not_found' }
        const page = this.#page([...channel.members], params, 1000)
        if ('error' in page) return page
        return {
          ok: true,
          members: [...page.items],
          response_metadata: { next_cursor: page.next },
        } satisfies ConversationsMembersResponse
      }
      case 'conversations.history':
        return this.#history(channel, params)
      case 'conversations.replies':
        return this.#replies(channel, params)
      case 'files.info': {
        const found = this.files.get(params.get('file') ?? '')
        if (!found) return { ok: false, error: 'file_not_found' }
        const { name, title, ...rest } = found.file
        const file = { ...rest, ...(name ? { name } : {}), ...(title ? { title } : {}), channels: found.channels }
        return { ok: true, file } satisfies FilesInfoResponse
      }
      default:
        return { ok: false, error: 'unknown_method' }
    }
  }

  #history(channel: FakeChannel | undefined, params: URLSearchParams): object {
    if (!channel || !this.#visible(channel)) return { ok: false, error: 'channel_not_found' }
    if (!channel.members.has(this.botId)) return { ok: false, error: 'not_in_channel' }
    const inclusive = params.get('inclusive') === 'true'
    const { oldest, latest } = { oldest: params.get('oldest'), latest: params.get('latest') }
    // Slack finds nothing at all for a timestamp with a seventh digit.
    if ([oldest, latest].some((ts) => ts !== null && !/^\d+(\.\d{1,6})?$/.test(ts)))
      return { ok: true, messages: [], has_more: false }
    const within = [...channel.messages.values()]
      .filter(({ ts }) => oldest === null || (inclusive ? ts >= oldest : ts > oldest))
      .filter(({ ts }) => latest === null || (inclusive ? ts <= latest : ts < latest))
      .sort((a, b) => (a.ts < b.ts ? 1 : -1))
    const { hiddenBefore } = channel
    const visible = within.filter(({ ts }) => hiddenBefore === undefined || ts >= hiddenBefore)
    const page = this.#page(visible, params, 999, this.limitedClass ? 15 : undefined)
    if ('error' in page) return page
    const cut = visible.length < within.length
    return {
      ok: true,
      messages: page.items.map((message) => this.shown(channel, message)) as never[],
      has_more: page.next !== '',
      ...(cut ? { is_limited: true } : {}),
      ...(page.next === '' ? {} : { response_metadata: { next_cursor: page.next } }),
    } satisfies ConversationsHistoryResponse & { is_limited?: boolean }
  }

  #replies(channel: FakeChannel | undefined, params: URLSearchParams): object {
    if (!channel || !this.#visible(channel)) return { ok: false, error: 'channel_not_found' }
    if (!channel.members.has(this.botId)) return { ok: false, error: 'not_in_channel' }
    const ts = params.get('ts') ?? ''
    const parent = channel.messages.get(ts)
    if (!parent) return { ok: false, error: 'thread_not_found' }
    const thread = [this.shown(channel, parent), ...(channel.replies.get(ts) ?? [])]
    const page = this.#page(thread, params, 1000, this.limitedClass ? 15 : undefined)
    if ('error' in page) return page
    return {
      ok: true,
      messages: page.items as never[],
      has_more: page.next !== '',
      ...(page.next === '' ? {} : { response_metadata: { next_cursor: page.next } }),
    } satisfies ConversationsRepliesResponse
  }

  #page<T>(
    all: readonly T[],
    params: URLSearchParams,
    cap: number,
    hard = this.pageCap,
  ): { readonly items: readonly T[]; readonly next: string } | { readonly ok: false; readonly error: string } {
    const limit = Number(params.get('limit') ?? 100)
    if (!Number.isInteger(limit) || limit < 1 || limit > cap) return { ok: false, error: 'invalid_limit' }
    const cursor = params.get('cursor')
    const [, start, epoch] =
      cursor === null ? ['', '0', String(this.#cursorsFrom)] : (/^c(\d+)e(\d+)$/.exec(atob(cursor)) ?? [])
    if (start === undefined || epoch !== String(this.#cursorsFrom)) return { ok: false, error: 'invalid_cursor' }
    const end = Number(start) + Math.min(limit, hard)
    return { items: all.slice(Number(start), end), next: end < all.length ? btoa(`c${end}e${this.#cursorsFrom}`) : '' }
  }

  #visible(channel: FakeChannel): boolean {
    return !channel.isPrivate || channel.members.has(this.botId)
  }

  #json(channel: FakeChannel) {
    return {
      id: channel.id,
      name: channel.name,
      is_channel: true,
      is_private: channel.isPrivate,
      is_archived: channel.isArchived,
      is_member: channel.members.has(this.botId),
      previous_names: [...channel.previousNames],
    }
  }

  #download(id: string, request: Request): Response {
    const header = request.headers.get('authorization') ?? ''
    const token = this.tokens.get(header.replace('Bearer ', ''))
    const found = this.files.get(id)
    if (!token?.scopes.includes('files:read'))
      return new Response('<!DOCTYPE html><title>Slack</title>Sign in', {
        headers: { 'content-type': 'text/html; charset=utf-8' },
      })
    if (!found) return new Response('not found', { status: 404 })
    return new Response(typeof found.bytes === 'number' ? zeros(found.bytes) : found.bytes, {
      headers: { 'content-type': found.file.mimetype ?? 'application/octet-stream' },
    })
  }
}

function listScopes(params: URLSearchParams): string[] {
  const types = (params.get('types') ?? 'public_channel').split(',')
  return types.map((type) => (type === 'private_channel' ? 'groups:read' : 'channels:read'))
}

function failure(error: string, more: object = {}): Response {
  return Response.json({ ok: false, error, ...more })
}

/** As Slack refuses a call that came too soon. */
export function tooSoon(seconds: number): Response {
  return Response.json(
    { ok: false, error: 'ratelimited' },
    { status: 429, headers: { 'retry-after': String(seconds) } },
  )
}

function zeros(bytes: number): ReadableStream<Uint8Array> {
  let left = bytes
  const chunk = new Uint8Array(65_536)
  return new ReadableStream({
    pull(controller) {
      const size = Math.min(left, chunk.length)
      left -= size
      if (size > 0) controller.enqueue(chunk.subarray(0, size))
      else controller.close()
    },
  })
}
