import { startServer, type TestServer } from '@cx/testing'
import type {
  Client,
  DataSourceObjectResponse,
  GetDatabaseResponse,
  GetSelfResponse,
  ListCommentsResponse,
  ListUsersResponse,
  PageObjectResponse,
  QueryDataSourceResponse,
  SearchResponse,
} from '@notionhq/client'
import { failure, invalid, notFound } from './failures.ts'
import { person, richText, Workspace } from './workspace.ts'

export { failure, tooMany } from './failures.ts'
export { type FakePage, richText } from './workspace.ts'

type PageMarkdown = Awaited<ReturnType<Client['pages']['retrieveMarkdown']>>
type Instead = () => Response | undefined | Promise<Response | undefined>

export const capabilities = ['read_content', 'read_users', 'read_comments'] as const

/** What Notion's documentation says its API does, for the endpoints that the connector calls. Version 2026-03-11. */
export class FakeNotion extends Workspace {
  workspaceId = '11111111-0000-4000-8000-000000000001'
  /** Tokens and what they may do. */
  readonly tokens = new Map<string, readonly string[]>()
  ownedBy: 'workspace' | 'user' = 'workspace'
  readonly people: { id: string; name: string; email?: string; bot?: boolean }[] = []
  /** Calls, such as `POST search`. */
  readonly calls = new Map<string, number>()
  /** Answers the next calls instead, by the same names. */
  readonly next = new Map<string, Instead[]>()
  /** Largest page beneath the vendor's own 100. */
  pageCap = 100
  /** Rows or hits after which Notion cuts a result off. */
  resultCap = 10_000
  /** The `Date` of the answers, where it is not the machine's own time. */
  date: number | undefined
  #server: TestServer | undefined

  async start(): Promise<this> {
    const routes = {
      'GET /v1/users/me': () => this.#me(),
      'GET /v1/users': (_: unknown, url: URL) => this.#users(url),
      'POST /v1/search': (body: Body) => this.#search(body),
      'GET /v1/pages/:id': (_: unknown, __: URL, id: string) => this.#page(id),
      'GET /v1/pages/:id/markdown': (_: unknown, __: URL, id: string) => this.#markdown(id),
      'GET /v1/pages/:id/properties/:property': (_: unknown, url: URL, id: string, property: string) =>
        this.#property(id, property, url),
      'GET /v1/blocks/:id': (_: unknown, __: URL, id: string) => this.#block(id),
      'GET /v1/databases/:id': (_: unknown, __: URL, id: string) => this.#database(id),
      'GET /v1/data_sources/:id': (_: unknown, __: URL, id: string) => this.#source(id),
      'POST /v1/data_sources/:id/query': (body: Body, _: URL, id: string) => this.#query(id, body),
      'GET /v1/comments': (_: unknown, url: URL) => this.#comments(url),
    }
    this.#server = await startServer(
      Object.fromEntries(
        Object.entries(routes).map(([pattern, handler]) => [
          pattern,
          async (request: Request, params: Readonly<Record<string, string>>, url: URL) => {
            const name = pattern.replace('/v1/', '')
            this.calls.set(name, this.count(name) + 1)
            const instead = await this.next.get(name)?.shift()?.()
            const answer =
              instead ??
              this.#refusal(request, name) ??
              (await (handler as Handler)(
                request.method === 'POST' ? ((await request.json()) as Body) : {},
                url,
                params.id ?? '',
                params.property ?? '',
              ))
            if (this.date !== undefined) answer.headers.set('date', new Date(this.date).toUTCString())
            return answer
          },
        ]),
      ),
    )
    return this
  }

  stop(): Promise<void> {
    return this.#server!.close()
  }

  get url(): string {
    return this.#server!.url
  }

  count(name: string): number {
    return this.calls.get(name) ?? 0
  }

  total(): number {
    return [...this.calls.values()].reduce((sum, count) => sum + count, 0)
  }

  #refusal(request: Request, name: string): Response | undefined {
    const token = /^Bearer (.+)$/.exec(request.headers.get('authorization') ?? '')?.[1]
    const granted = token === undefined ? undefined : this.tokens.get(token)
    if (!granted) return failure(401, 'unauthorized', 'API token is invalid.')
    const version = request.headers.get('notion-version')
    if (!version) return failure(400, 'missing_version', 'Notion-Version header failed validation.')
    if (version !== '2026-03-11') return failure(400, 'validation_error', `Unknown version ${version}.`)
    const needed = name === 'GET users' ? 'read_users' : name === 'GET comments' ? 'read_comments' : 'read_content'
    if (name !== 'GET users/me' && !granted.includes(needed))
      return failure(403, 'restricted_resource', 'Insufficient permissions for this endpoint.')
    return undefined
  }

  #me(): Response {
    const owner =
      this.ownedBy === 'workspace'
        ? ({ type: 'workspace', workspace: true } as const)
        : ({
            type: 'user',
            user: {
              object: 'user',
              id: 'u-ann',
              name: 'Ann',
              avatar_url: null,
              type: 'person',
              person: { email: 'ann@example.com' },
            },
          } as const)
    return Response.json({
      object: 'user',
      id: 'bot-1',
      name: 'cx',
      avatar_url: null,
      type: 'bot',
      bot: {
        owner,
        workspace_id: this.workspaceId,
        workspace_name: 'Acme',
        workspace_limits: { max_file_upload_size_in_bytes: 5_242_880 },
      },
    } satisfies GetSelfResponse)
  }

  #users(url: URL): Response {
    const all = this.people.map(({ id, name, email, bot }) =>
      bot
        ? ({ object: 'user', id, name, avatar_url: null, type: 'bot', bot: {} } as const)
        : ({ object: 'user', id, name, avatar_url: null, type: 'person', person: email ? { email } : {} } as const),
    )
    const page = this.#slice(all, Object.fromEntries(url.searchParams) as Body)
    if (page instanceof Response) return page
    return Response.json({ object: 'list', type: 'user', user: {}, ...page } satisfies ListUsersResponse)
  }

  #search(body: Body): Response {
    const unknown = strange(body, ['query', 'sort', 'filter', 'start_cursor', 'page_size'])
    if (unknown) return unknown
    const {
      value,
      in_trash = false,
      property,
    } = (body.filter ?? {}) as {
      value?: string
      in_trash?: boolean
      property?: string
    }
    if (value !== undefined && (property !== 'object' || !/^(page|data_source)$/.test(value)))
      return invalid('body.filter.value should be `"page"` or `"data_source"`.')
    const pages = [...this.pages.values()].filter((one) => !one.hidden).map((one) => one.page)
    const sources = [...this.sources.values()].filter((one) => !one.hidden).map((one) => one.source)
    const hits = [...(value === 'data_source' ? [] : pages), ...(value === 'page' ? [] : sources)]
      .filter((one) => one.in_trash === in_trash)
      .sort((a, b) => order(b.last_edited_time, a.last_edited_time) || order(a.id, b.id))
    const page = this.#slice(hits, body, this.resultCap)
    if (page instanceof Response) return page
    return Response.json({
      object: 'list',
      type: 'page_or_data_source',
      page_or_data_source: {},
      ...page,
    } satisfies SearchResponse)
  }

  #page(id: string): Response {
    const found = this.pages.get(id)
    return found ? Response.json(found.page satisfies PageObjectResponse) : notFound('page', id)
  }

  #markdown(id: string): Response {
    const page = this.pages.get(id)
    if (page?.page.in_trash || page?.textless) return notFound('page', id)
    const part = [...this.pages.values()].map((one) => one.parts.get(id)).find((one) => one !== undefined)
    if (!page && !part) return notFound('block', id)
    return Response.json({
      object: 'page_markdown',
      id,
      markdown: page ? page.body : part!.markdown,
      truncated: page ? page.truncated : false,
      unknown_block_ids: page ? page.unknown : (part!.unknown ?? []),
    } satisfies PageMarkdown)
  }

  #property(id: string, property: string, url: URL): Response {
    const found = Object.values(this.pages.get(id)?.page.properties ?? {}).find((one) => one.id === property)
    if (found?.type !== 'people') return notFound('property', property)
    const items = found.people.map((one) => ({
      object: 'property_item' as const,
      id: property,
      type: 'people' as const,
      people: one,
    }))
    const page = this.#slice(items, Object.fromEntries(url.searchParams) as Body)
    if (page instanceof Response) return page
    return Response.json({
      object: 'list',
      type: 'property_item',
      property_item: { id: property, type: 'people', next_url: null, people: {} },
      ...page,
    })
  }

  #block(id: string): Response {
    const parent = [...this.pages.values()].find((one) => one.parts.has(id))
    if (!parent) return notFound('block', id)
    return Response.json({ object: 'block', id, type: 'column', parent: this.under(parent), in_trash: false })
  }

  #database(id: string): Response {
    const sources = [...this.sources.values()]
      .map((one) => one.source)
      .filter(({ parent }) => databaseOf(parent) === id)
    const [first] = sources
    if (!first) return notFound('database', id)
    return Response.json({
      object: 'database',
      id,
      title: first.title,
      description: [],
      parent: first.database_parent as never,
      is_inline: false,
      in_trash: sources.every((one) => one.in_trash),
      is_locked: false,
      created_time: first.created_time,
      last_edited_time: first.last_edited_time,
      data_sources: sources.map((one) => ({ id: one.id, name: one.title[0]?.plain_text ?? '' })),
      icon: null,
      cover: null,
      url: first.url,
      public_url: null,
    } satisfies GetDatabaseResponse)
  }

  #source(id: string): Response {
    const found = this.sources.get(id)
    return found ? Response.json(found.source satisfies DataSourceObjectResponse) : notFound('data_source', id)
  }

  #query(id: string, body: Body): Response {
    const unknown = strange(body, ['sorts', 'filter', 'start_cursor', 'page_size', 'in_trash', 'result_type'])
    if (unknown) return unknown
    const found = this.sources.get(id)
    if (!found) return notFound('data_source', id)
    if (found.unqueryable) return invalid('Data source does not contain any rows accessible by this API bot.')
    const [sort] = (body.sorts ?? []) as { timestamp: 'created_time' | 'last_edited_time'; direction: string }[]
    const by = sort?.timestamp ?? 'created_time'
    const filter = body.filter as Record<string, { on_or_after?: string }> | undefined
    const field = (filter?.timestamp as unknown as 'created_time' | 'last_edited_time' | undefined) ?? by
    const since = filter?.[field]?.on_or_after
    const rows = [...this.pages.values()]
      .map((one) => one.page)
      .filter(({ parent }) => parent.type === 'data_source_id' && parent.data_source_id === id)
      .filter((one) => one.in_trash === (body.in_trash ?? false))
      .filter((one) => since === undefined || one[field] >= new Date(since).toISOString())
      .sort((a, b) => (sort?.direction === 'descending' ? -1 : 1) * order(a[by], b[by]) || order(a.id, b.id))
    const page = this.#slice(rows, body, this.resultCap)
    if (page instanceof Response) return page
    return Response.json({
      object: 'list',
      type: 'page_or_data_source',
      page_or_data_source: {},
      ...page,
    } satisfies QueryDataSourceResponse)
  }

  #comments(url: URL): Response {
    const comments = (this.pages.get(url.searchParams.get('block_id') ?? '')?.comments ?? []).map((text, index) => ({
      object: 'comment' as const,
      id: `comment-${index}`,
      parent: { type: 'page_id' as const, page_id: url.searchParams.get('block_id')! },
      discussion_id: 'discussion',
      created_time: '2026-02-01T08:00:00.000Z',
      last_edited_time: '2026-02-01T08:00:00.000Z',
      created_by: person,
      rich_text: richText(text),
      display_name: { type: 'user' as const, resolved_name: 'Bob' },
    }))
    const { block_id: _, ...rest } = Object.fromEntries(url.searchParams)
    const page = this.#slice(comments, rest as Body)
    if (page instanceof Response) return page
    return Response.json({ object: 'list', type: 'comment', comment: {}, ...page } satisfies ListCommentsResponse)
  }

  #slice<T>(all: readonly T[], body: Body, cap = Number.POSITIVE_INFINITY) {
    const size = Number(body.page_size ?? 100)
    if (!Number.isInteger(size) || size < 1 || size > 100)
      return invalid(`body failed validation: body.page_size should be ≤ \`100\`, instead was \`${size}\`.`)
    const cursor = body.start_cursor as string | undefined
    const start = cursor === undefined ? 0 : Number(/^c(\d+)$/.exec(cursor)?.[1] ?? Number.NaN)
    if (Number.isNaN(start)) return invalid('The start_cursor provided is invalid: undefined')
    const end = Math.min(start + Math.min(size, this.pageCap), cap)
    const isCut = all.length > cap && end >= cap
    return {
      results: all.slice(start, end) as T[],
      has_more: !isCut && end < all.length,
      next_cursor: !isCut && end < all.length ? `c${end}` : null,
      ...(isCut
        ? { request_status: { type: 'incomplete', incomplete_reason: 'query_result_limit_reached' } as const }
        : {}),
    }
  }
}

type Body = Readonly<Record<string, unknown>>
type Handler = (body: Body, url: URL, id: string, property: string) => Response | Promise<Response>

function databaseOf(parent: DataSourceObjectResponse['parent']): string | undefined {
  return 'database_id' in parent ? parent.database_id : undefined
}

function strange(body: Body, allowed: readonly string[]): Response | undefined {
  const unknown = Object.keys(body).find((name) => !allowed.includes(name))
  return unknown === undefined ? undefined : invalid(`body failed validation: body.${unknown} should be not present.`)
}

function order(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
