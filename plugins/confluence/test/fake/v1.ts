import { CqlError, runCql } from './cql.ts'
import type { FakeContent } from './model.ts'
import type { FakeConfluence } from './server.ts'

type Params = Readonly<Record<string, string>>
export type Route = (url: URL, params: Params, request: Request) => Response | Promise<Response>

export function problem(status: number, message: string): Response {
  return Response.json({ statusCode: status, message, data: { authorized: status !== 403, errors: [] } }, { status })
}

/** Content as REST v1 shows it. */
export function contentJson(fake: FakeConfluence, content: FakeContent, expand: readonly string[]): object {
  const { model, cloud } = fake
  const wants = (name: string) => expand.some((one) => one === name || one.startsWith(`${name}.`))
  const space = model.spaces.find(({ key }) => key === content.spaceKey)
  const when = (at: number) => new Date(at).toISOString().replace('Z', cloud ? 'Z' : '+00:00')
  const holder = content.containerId ? model.contents.get(content.containerId) : undefined
  return {
    id: content.id,
    type: content.type,
    status: content.status,
    title: content.title,
    ...(wants('space') && {
      space: {
        id: Number(space?.id),
        key: content.spaceKey,
        name: space?.name,
        type: space?.type,
        status: space?.status,
        _expandable: {},
        _links: {},
      },
    }),
    ...(wants('container') && { container: { id: holder?.id ?? space?.id, type: holder?.type ?? 'global' } }),
    ...(wants('version') && {
      version: {
        number: content.version,
        minorEdit: false,
        when: when(content.modifiedAt),
        by: userJson(fake, content.author),
      },
    }),
    ...(wants('history') && {
      history: { createdDate: when(content.createdAt), createdBy: userJson(fake, content.author) },
    }),
    ...(wants('ancestors') && {
      ancestors: model.ancestors(content).map(({ id, type, title }) => ({ id, type, title })),
    }),
    ...(wants('body') && {
      body: Object.fromEntries(
        ['storage', 'view']
          .filter((format) => wants(`body.${format}`))
          .map((format) => [format, { value: content.body, representation: format }]),
      ),
    }),
    metadata: {
      ...(content.mediaType ? { mediaType: content.mediaType } : {}),
      ...(wants('metadata.labels') && { labels: { results: content.labels.map((name) => ({ name })) } }),
    },
    extensions: {
      ...(content.type === 'attachment' && { mediaType: content.mediaType, fileSize: sizeOf(content) }),
      ...(content.about && wants('extensions') && { inlineProperties: { originalSelection: content.about } }),
    },
    ...(wants('restrictions') && {
      restrictions: {
        read: {
          operation: 'read',
          _expandable: {},
          _links: {},
          restrictions: restrictionsJson(fake, content, 0, fake.inlineRestrictions),
        },
      },
    }),
    _links: {
      webui: content.type === 'page' ? `/spaces/${content.spaceKey}/pages/${content.id}` : `/x/${content.id}`,
      ...(content.type === 'attachment' && { download: `/download/attachments/${content.containerId}/${content.id}` }),
    },
  }
}

export function sizeOf({ bytes }: FakeContent): number {
  return typeof bytes === 'number' ? bytes : (bytes?.byteLength ?? 0)
}

export function userJson({ model, cloud }: FakeConfluence, id: string): object {
  const user = model.users.get(id)
  const name = user?.name ?? 'Former user'
  return cloud
    ? {
        type: 'known',
        accountId: id,
        accountType: 'atlassian',
        email: user?.email ?? '',
        publicName: name,
        displayName: name,
      }
    : { type: 'known', userKey: id, username: id.replace(/^u-/, ''), displayName: name }
}

function restrictionsJson(fake: FakeConfluence, content: FakeContent, start: number, limit: number): object {
  const part = <T>(all: readonly T[], make: (one: T) => object) => {
    const results = all.slice(start, start + limit).map(make)
    const more = all.length > start + limit
    return { results, start, limit, size: results.length, _links: more ? { next: '/rest/api/next' } : {} }
  }
  const group = (id: string) => {
    const found = fake.model.groups.find((one) => one.id === id)
    return { type: 'group', name: found?.name ?? id, ...(fake.cloud && { id }) }
  }
  return {
    user: part(content.users, (id) => userJson(fake, id)),
    group: part(content.groups, group),
  }
}

/** Calls of REST v1 that both products have. */
export function v1Routes(fake: FakeConfluence): Readonly<Record<string, Route>> {
  const { model } = fake
  const expandOf = (url: URL) => (url.searchParams.get('expand') ?? '').split(',').filter(Boolean)
  const visible = (id: string) => {
    const content = model.contents.get(id)
    return content && model.sees(content) ? content : undefined
  }
  return {
    'GET /rest/api/user/current': (_, __, request) =>
      fake.userOf(request) === undefined
        ? Response.json({ type: 'anonymous', profilePicture: {}, displayName: 'Anonymous' })
        : Response.json(userJson(fake, fake.userOf(request)!)),
    'GET /rest/api/content/search': (url) => {
      const cql = url.searchParams.get('cql')
      if (!cql) return problem(400, 'cql query parameter is required')
      let found: FakeContent[]
      try {
        found = runCql(model, cql)
      } catch (error) {
        if (error instanceof CqlError) return problem(400, `${error.message}`)
        throw error
      }
      const expand = expandOf(url)
      return fake.v1Page(url, found, (one) => contentJson(fake, one, expand), 100)
    },
    'GET /rest/api/content/:id/restriction/byOperation/read': (url, { id = '' }) => {
      const content = visible(id)
      if (!content) return problem(404, `No content found with id : ${id}`)
      const start = Number(url.searchParams.get('start') ?? 0)
      const limit = Math.min(Number(url.searchParams.get('limit') ?? 100), 200)
      return Response.json({
        operation: 'read',
        _expandable: {},
        _links: {},
        restrictions: restrictionsJson(fake, content, start, limit),
      })
    },
    'GET /rest/api/group': (url) =>
      fake.v1Page(url, model.groups, ({ id, name }) => ({ type: 'group', name, ...(fake.cloud && { id }) }), 200),
  }
}
