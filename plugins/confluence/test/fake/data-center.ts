import type { FakeContent } from './model.ts'
import type { FakeConfluence } from './server.ts'
import { contentJson, problem, type Route, userJson, v1Routes } from './v1.ts'

/** Confluence Data Center: REST v1 under a context path. */
export function dataCenterRoutes(fake: FakeConfluence): Readonly<Record<string, Route>> {
  const { model } = fake
  const expandOf = (url: URL) => (url.searchParams.get('expand') ?? '').split(',').filter(Boolean)
  const json = (url: URL) => {
    const expand = expandOf(url)
    return (one: FakeContent) => contentJson(fake, one, expand)
  }
  const space = (key: string) => model.spaces.find((one) => one.key === key && !one.hidden)
  return {
    ...v1Routes(fake),
    'GET /rest/api/server-information': () =>
      Response.json({ version: '9.2.1', buildNumber: '9201', title: 'Confluence', serverId: fake.serverId }),
    'GET /rest/api/space': (url) => {
      const keys = url.searchParams.getAll('spaceKey')
      const found = model.spaces.filter((one) => !one.hidden && (keys.length === 0 || keys.includes(one.key)))
      return fake.v1Page(
        url,
        found,
        ({ id, key, name, type, status }) => ({ id: Number(id), key, name, type, status }),
        100,
      )
    },
    'GET /rest/api/space/:key/content/page': (url, { key = '' }) => {
      const found = [...model.contents.values()].filter(
        (one) => one.type === 'page' && one.spaceKey === key && !one.parentId && one.status === 'current',
      )
      return fake.v1Page(url, found, json(url), 100)
    },
    'GET /rest/api/space/:key/permissions': (_, { key = '' }) => {
      const found = space(key)
      if (!found) return problem(404, 'No space')
      return Response.json(
        found.permissions
          .filter(({ principal }) => principal.type !== 'anonymous')
          .map(({ principal, operation }) => ({
            operation: { targetType: operation.targetType, operationKey: operation.key },
            subject:
              principal.type === 'group'
                ? { type: 'group', name: principal.id }
                : { type: 'user', userKey: principal.id },
            spaceKey: key,
          })),
      )
    },
    'GET /rest/api/space/:key/permissions/anonymous': (_, { key = '' }) =>
      Response.json(
        (space(key)?.permissions ?? [])
          .filter(({ principal }) => principal.type === 'anonymous')
          .map(({ operation }) => ({ operation: { targetType: operation.targetType, operationKey: operation.key } })),
      ),
    'GET /rest/api/content': (url) => {
      const [type, key, status] = ['type', 'spaceKey', 'status'].map((name) => url.searchParams.get(name))
      if (key && !space(key)) return problem(404, `No space with key : ${key}`)
      const found = [...model.contents.values()].filter(
        (one) =>
          one.type === type &&
          (!key || one.spaceKey === key) &&
          one.status === (status ?? 'current') &&
          model.sees(one),
      )
      return fake.v1Page(url, found, json(url), 100)
    },
    'GET /rest/api/content/:id': (url, { id = '' }) => {
      const content = model.contents.get(id)
      if (!content || content.status === 'trashed' || !model.sees(content))
        return problem(404, `No content found with id: ContentId{id=${id}}`)
      return Response.json(json(url)(content))
    },
    'GET /rest/api/content/:id/child/comment': (url, { id = '' }) => {
      const found = [...model.contents.values()].filter((one) => one.type === 'comment' && one.containerId === id)
      return fake.v1Page(url, found, json(url), 100)
    },
    'GET /rest/api/content/:id/child/page': (url, { id = '' }) => {
      const found = [...model.contents.values()].filter((one) => one.type === 'page' && one.parentId === id)
      return fake.v1Page(url, found, json(url), 100)
    },
    'GET /rest/api/user': (url) => {
      const id = url.searchParams.get('key') ?? `u-${url.searchParams.get('username')}`
      const user = model.users.get(id)
      if (!user) return problem(404, `No user found with key : ${id}`)
      return Response.json({ ...userJson(fake, id), ...(user.email ? { email: user.email } : {}) })
    },
    'GET /rest/api/group/:name/member': (url, { name = '' }) => {
      const group = model.groups.find((one) => one.name === name)
      if (!group) return problem(404, 'No such group')
      return fake.v1Page(url, group.members, (member) => userJson(fake, member), 200)
    },
    'GET /download/attachments/:page/:id': (_, { id = '' }) => {
      const content = model.contents.get(id)
      if (!content || !model.sees(content)) return problem(404, 'No attachment')
      return fake.bytesOf(content)
    },
    'POST /rpc/json-rpc/confluenceservice-v2/getSpacePermissionSets': () =>
      fake.rpc ? Response.json(fake.rpc) : problem(403, 'Remote API is not enabled'),
    'POST /rest/api/webhooks': async (_, __, request) => {
      const hook = (await request.json()) as { url: string; configuration?: { secret?: string }; events: string[] }
      fake.webhooks.push(hook)
      return Response.json({ id: fake.webhooks.length, ...hook }, { status: 201 })
    },
  }
}
