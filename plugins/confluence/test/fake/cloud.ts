import type { FakeContent, FakeSpace } from './model.ts'
import type { FakeConfluence } from './server.ts'
import { problem, type Route, sizeOf, userJson, v1Routes } from './v1.ts'

const kinds: Readonly<Record<string, FakeContent['type']>> = {
  pages: 'page',
  blogposts: 'blogpost',
  folders: 'folder',
}
const listParameters = ['id', 'space-id', 'status', 'sort', 'body-format', 'cursor', 'limit', 'title']

export function v2Problem(status: number, code: string, title: string): Response {
  return Response.json({ errors: [{ status, code, title, detail: null }] }, { status })
}

/** Confluence Cloud: REST v2, and v1 beside it. */
export function cloudRoutes(fake: FakeConfluence): Readonly<Record<string, Route>> {
  const { model } = fake
  const spaceById = (id: string) => model.spaces.find((one) => one.id === id && !one.hidden)
  const get = (type: string): Route => {
    const kind = kinds[type]!
    return (url, { id = '' }) => {
      const content = model.contents.get(id)
      if (!content || content.type !== kind || !model.sees(content))
        return v2Problem(404, 'NOT_FOUND', `Could not find ${kind} with id ${id}`)
      const labels = url.searchParams.get('include-labels') === 'true'
      return Response.json({
        ...contentV2(fake, content, url.searchParams.get('body-format')),
        ...(labels && {
          labels: {
            results: content.labels.map((name, i) => ({ id: String(i), name, prefix: 'global' })),
            meta: { hasMore: false },
          },
        }),
      })
    }
  }
  const list = (type: string): Route => {
    const kind = kinds[type]!
    return (url) => {
      const query = url.searchParams
      for (const name of query.keys())
        if (!listParameters.includes(name)) return v2Problem(400, 'INVALID_REQUEST_PARAMETER', `Unknown ${name}`)
      if (query.getAll('space-id').length > 100 || query.getAll('id').length > 250)
        return v2Problem(400, 'INVALID_REQUEST_PARAMETER', 'Too many ids')
      // Archived pages come unless one asks for something else.
      const statuses = query.has('status') ? query.getAll('status') : ['current', 'archived']
      if (statuses.some((one) => !['current', 'archived', 'deleted', 'trashed'].includes(one)))
        return v2Problem(400, 'INVALID_REQUEST_PARAMETER', 'Provided value for status is not valid')
      const spaceIds = query.getAll('space-id')
      const ids = query.getAll('id')
      const found = [...model.contents.values()].filter(
        (one) =>
          one.type === kind &&
          model.sees(one) &&
          statuses.includes(one.status) &&
          (ids.length === 0 || ids.includes(one.id)) &&
          (spaceIds.length === 0 || spaceIds.includes(spaceOf(fake, one)?.id ?? '')),
      )
      const sort = query.get('sort') ?? 'id'
      if (sort === '-modified-date') found.sort((one, other) => other.modifiedAt - one.modifiedAt)
      else if (sort !== 'id') return v2Problem(400, 'INVALID_REQUEST_PARAMETER', 'Provided value for sort is not valid')
      return fake.v2Page(url, found, (one) => contentV2(fake, one, query.get('body-format')))
    }
  }
  return {
    ...v1Routes(fake),
    'GET /api/v2/spaces': (url) => {
      const keys = url.searchParams.getAll('keys')
      const found = model.spaces.filter(
        (one) => !one.hidden && (keys.length === 0 || keys.includes(one.key) || keys.includes(one.alias ?? '')),
      )
      return fake.v2Page(url, found, spaceV2)
    },
    'GET /api/v2/spaces/:id/pages': (url, { id = '' }) => {
      const space = spaceById(id)
      if (!space) return v2Problem(404, 'NOT_FOUND', 'Could not find space')
      const found = [...model.contents.values()].filter(
        (one) => one.type === 'page' && one.spaceKey === space.key && !one.parentId && one.status === 'current',
      )
      return fake.v2Page(url, found, (one) => contentV2(fake, one, null))
    },
    'GET /api/v2/pages/:id/children': (url, { id = '' }) => {
      const found = [...model.contents.values()].filter((one) => one.type === 'page' && one.parentId === id)
      return fake.v2Page(url, found, ({ id, title, status }) => ({ id, title, status }))
    },
    'GET /api/v2/pages/:id/attachments': (url, { id = '' }) => {
      const found = [...model.contents.values()].filter((one) => one.type === 'attachment' && one.containerId === id)
      return fake.v2Page(url, found, (one) => ({ id: one.id, title: one.title, fileSize: sizeOf(one) }))
    },
    'GET /api/v2/space-role-mode': () => Response.json({ mode: model.roleMode }),
    'GET /api/v2/spaces/:id/permissions': (url, { id = '' }) => {
      const space = spaceById(id)
      if (!space) return v2Problem(404, 'NOT_FOUND', 'Could not find space')
      return fake.v2Page(url, space.permissions, (one, i) => ({ id: String(i), ...one }))
    },
    'GET /api/v2/spaces/:id/role-assignments': (url, { id = '' }) => {
      const space = spaceById(id)
      if (!space) return v2Problem(404, 'NOT_FOUND', 'Could not find space')
      return fake.v2Page(url, space.assignments, (one) => ({ ...one, roleId: 'viewer' }))
    },
    'POST /api/v2/users-bulk': async (_, __, request) => {
      const { accountIds } = (await request.json()) as { accountIds: string[] }
      if (accountIds.length > 250) return v2Problem(400, 'INVALID_REQUEST_PARAMETER', 'Too many ids')
      return Response.json({ results: accountIds.filter((id) => model.users.has(id)).map((id) => userJson(fake, id)) })
    },
    'GET /rest/api/group/:id/membersByGroupId': (url, { id = '' }) => {
      const group = model.groups.find((one) => one.id === id)
      if (!group) return problem(404, 'No such group')
      return fake.v1Page(url, group.members, (member) => userJson(fake, member), 200)
    },
    'GET /rest/api/content/:page/child/attachment/:id/download': (_, { page = '', id = '' }) => {
      const content = model.contents.get(id)
      if (!content || content.status === 'trashed' || content.containerId !== page || !model.sees(content))
        return problem(404, `No attachment ${id}`)
      return new Response(null, { status: 302, headers: { location: fake.mediaUrl(id) } })
    },
    'GET /api/v2/pages': list('pages'),
    'GET /api/v2/blogposts': list('blogposts'),
    'GET /api/v2/pages/:id': get('pages'),
    'GET /api/v2/blogposts/:id': get('blogposts'),
    'GET /api/v2/folders/:id': get('folders'),
  }
}

function spaceOf({ model }: FakeConfluence, { spaceKey }: FakeContent): FakeSpace | undefined {
  return model.spaces.find(({ key }) => key === spaceKey)
}

function spaceV2({ id, key, name, type, status, alias }: FakeSpace): object {
  return {
    id,
    key,
    name,
    type,
    status,
    authorId: 'u-ada',
    createdAt: '2026-01-01T00:00:00.000Z',
    ...(alias ? { currentActiveAlias: alias } : {}),
    _links: { webui: `/spaces/${key}` },
  }
}

function contentV2(fake: FakeConfluence, content: FakeContent, format: string | null): object {
  const parent = fake.model.parentOf(content)
  const iso = (at: number) => new Date(at).toISOString()
  return {
    id: content.id,
    status: content.status,
    title: content.title,
    spaceId: spaceOf(fake, content)?.id ?? '',
    ...(content.type === 'page' && {
      // Also of what is out of sight.
      parentId: content.parentId ?? null,
      parentType: parent?.type ?? (content.parentId === undefined ? null : 'folder'),
      position: 0,
      ownerId: content.author,
      lastOwnerId: null,
    }),
    ...(content.type === 'folder' && { parentId: parent?.id ?? null, parentType: parent?.type ?? null }),
    authorId: content.author,
    createdAt: iso(content.createdAt),
    version: {
      number: content.version,
      message: '',
      minorEdit: false,
      authorId: content.author,
      createdAt: iso(content.modifiedAt),
    },
    body: format ? { [format]: { value: content.body, representation: format } } : {},
    _links: { webui: `/spaces/${content.spaceKey}/pages/${content.id}`, editui: '', tinyui: `/x/${content.id}` },
  }
}
