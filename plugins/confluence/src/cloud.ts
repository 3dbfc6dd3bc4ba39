import type { Principal } from '@cx/core'
import { isConnectorError } from '@cx/core'
import type { Client } from './client.ts'
import { cloudReaders } from './cloud-readers.ts'
import { concernsPart, partCodes } from './errors.ts'
import { labelsOf } from './search.ts'
import {
  type Body,
  type Call,
  chunks,
  type Kind,
  type Member,
  type Node,
  type Parent,
  type Row,
  type Space,
  type Status,
  timeOf,
  type Wanted,
  type Wiki,
  type Window,
} from './wiki.ts'

interface SpaceJson {
  readonly id: string
  readonly key: string
  readonly name: string
  readonly type?: string
  readonly status?: string
  readonly currentActiveAlias?: string
}

interface ContentJson {
  readonly id: string
  readonly title: string
  readonly status: string
  readonly spaceId: string
  readonly parentId?: string | null
  readonly parentType?: string | null
  readonly authorId?: string | null
  readonly createdAt?: string
  readonly version?: { readonly number: number; readonly createdAt?: string }
  readonly body?: Readonly<Record<string, { readonly value?: string } | undefined>>
  readonly labels?: { readonly results?: readonly { readonly name: string }[] }
  readonly _links?: { readonly webui?: string }
}

interface UserJson {
  readonly accountId: string
  readonly displayName?: string
  readonly publicName?: string
  readonly email?: string
}

const mostRows = 250
/** Ids in one address; more make it too long for some proxies. */
const mostIds = 100
const pathOf: Readonly<Record<string, string>> = {
  page: 'pages',
  blogpost: 'blogposts',
  folder: 'folders',
  whiteboard: 'whiteboards',
  database: 'databases',
  embed: 'embeds',
}

/** Confluence Cloud: REST v2, and v1 where v2 has nothing. https://developer.atlassian.com/cloud/confluence/rest/v2/ */
export class Cloud implements Wiki {
  readonly flavour = 'cloud'
  readonly client: Client
  readonly #readers: (space: Space, call: Call) => Promise<readonly Principal[]>

  constructor(client: Client) {
    this.client = client
    this.#readers = cloudReaders(client)
  }

  async *spaces(keys: readonly string[] | undefined, { signal }: Call): AsyncGenerator<readonly Space[]> {
    for (const some of keys ? chunks(keys, mostIds) : [undefined])
      for await (const rows of this.client.pages<SpaceJson>('api/v2/spaces', {
        signal,
        limit: mostRows,
        query: { keys: some, sort: 'id' },
      }))
        yield rows.map(toSpace)
  }

  rows(space: Space, kind: Kind, statuses: readonly Status[], call: Call): AsyncGenerator<readonly Row[]> {
    return this.#list(kind, { 'space-id': [space.id], status: statuses, sort: 'id' }, call)
  }

  async newest(spaces: readonly Space[], kinds: readonly Kind[], { signal }: Call): Promise<number> {
    let newest = 0
    for (const some of chunks(spaces, mostIds))
      for (const kind of kinds) {
        const query = { 'space-id': idsOf(some), status: ['current'], sort: '-modified-date', limit: 1 }
        const { results } = await this.client.json<{ results: readonly ContentJson[] }>(`api/v2/${pathOf[kind]}`, {
          signal,
          query,
        })
        for (const row of results) newest = Math.max(newest, toRow(row, kind).modified)
      }
    return newest
  }

  async *modified(
    spaces: readonly Space[],
    kind: Kind,
    { since, statuses }: Window,
    call: Call,
  ): AsyncGenerator<readonly Row[]> {
    for (const some of chunks(spaces, mostIds)) {
      const query = { 'space-id': idsOf(some), status: statuses, sort: '-modified-date' }
      for await (const rows of this.#list(kind, query, call, 50)) {
        yield rows.filter((row) => row.modified >= since)
        if (rows.some((row) => row.modified < since)) break
      }
    }
  }

  async *hidden(
    spaces: readonly Space[],
    kind: Kind,
    statuses: readonly Status[],
    call: Call,
  ): AsyncGenerator<readonly string[]> {
    for (const some of chunks(spaces, mostIds)) {
      const query = { 'space-id': idsOf(some), status: statuses, sort: 'id' }
      for await (const rows of this.#list(kind, query, call)) yield rows.map(({ id }) => id)
    }
  }

  async *byIds(
    ids: readonly string[],
    kind: Kind,
    statuses: readonly Status[],
    call: Call,
  ): AsyncGenerator<readonly Row[]> {
    for (const id of chunks(ids, mostIds)) yield* this.#list(kind, { id, status: statuses }, call)
  }

  async node({ id, kind }: Parent, { signal }: Call): Promise<Node | undefined> {
    const path = pathOf[kind]
    if (path === undefined) return undefined
    try {
      return toNode(await this.client.json<ContentJson>(`api/v2/${path}/${encodeURIComponent(id)}`, { signal }))
    } catch (error) {
      if (concernsPart(error)) return undefined
      throw error
    }
  }

  async *children(
    space: Space,
    parentId: string | undefined,
    { signal }: Call,
  ): AsyncGenerator<readonly Pick<Row, 'id' | 'title'>[]> {
    const [path, query] = parentId
      ? [`api/v2/pages/${encodeURIComponent(parentId)}/children`, {}]
      : [`api/v2/spaces/${encodeURIComponent(space.id)}/pages`, { depth: 'root', status: 'current' }]
    yield* this.client.pages<ContentJson>(path, { signal, limit: mostRows, query })
  }

  async body(id: string, kind: Kind, { source, labels }: Wanted, { signal }: Call): Promise<Body> {
    const json = await this.client.json<ContentJson>(`api/v2/${pathOf[kind]}/${encodeURIComponent(id)}`, {
      signal,
      query: { 'body-format': source, 'include-labels': labels || undefined },
    })
    return toBody(json, kind, source, json.labels?.results)
  }

  async bodies(ids: readonly string[], kind: Kind, want: Wanted, call: Call): Promise<ReadonlyMap<string, Body>> {
    const { signal } = call
    const labels = want.labels ? await labelsOf(this, ids, call) : undefined
    const found = new Map<string, Body>()
    const query = { id: ids, status: want.statuses, 'body-format': 'storage' }
    for await (const rows of this.client.pages<ContentJson>(`api/v2/${pathOf[kind]}`, {
      signal,
      limit: mostIds,
      query,
    }))
      for (const json of rows) found.set(String(json.id), toBody(json, kind, 'storage', labels?.get(String(json.id))))
    return found
  }

  async attachmentsOfHidden(id: string, kind: Kind, { signal }: Call): Promise<readonly string[]> {
    try {
      const ids: string[] = []
      for await (const rows of this.client.pages<{ id: string }>(`api/v2/${pathOf[kind]}/${id}/attachments`, {
        signal,
        limit: mostRows,
        query: { status: ['current', 'archived', 'trashed'] },
      }))
        ids.push(...rows.map((row) => row.id))
      return ids
    } catch (error) {
      if (isConnectorError(error) && [...partCodes, 'misconfigured'].includes(error.code)) return []
      throw error
    }
  }

  readers(space: Space, call: Call): Promise<readonly Principal[]> {
    return this.#readers(space, call)
  }

  groups({ signal }: Call): AsyncGenerator<readonly { id: string; name: string }[]> {
    return this.client.pages('rest/api/group', { signal, limit: 200, query: {} })
  }

  async *members(group: { id: string }, { signal }: Call): AsyncGenerator<readonly Member[]> {
    const path = `rest/api/group/${encodeURIComponent(group.id)}/membersByGroupId`
    for await (const rows of this.client.pages<UserJson>(path, { signal, limit: 200, query: {} }))
      yield rows.map(toMember)
  }

  async people(ids: readonly string[], { signal }: Call): Promise<ReadonlyMap<string, Member>> {
    const found = new Map<string, Member>()
    for (const accountIds of chunks(ids, mostRows)) {
      const { results } = await this.client.json<{ results: readonly UserJson[] }>('api/v2/users-bulk', {
        signal,
        method: 'POST',
        json: { accountIds },
      })
      for (const user of results) found.set(user.accountId, toMember(user))
    }
    return found
  }

  async *#list(
    kind: Kind,
    query: Readonly<Record<string, string | readonly string[]>>,
    { signal }: Call,
    limit = mostRows,
  ): AsyncGenerator<readonly Row[]> {
    for await (const rows of this.client.pages<ContentJson>(`api/v2/${pathOf[kind]}`, { signal, limit, query }))
      yield rows.map((row) => toRow(row, kind))
  }
}

function toBody(
  json: ContentJson,
  kind: Kind,
  source: Wanted['source'],
  labels: readonly { readonly name: string }[] = [],
): Body {
  const html = json.body?.[source]?.value ?? ''
  return { row: toRow(json, kind), html, labels: labels.map(({ name }) => name) }
}

function idsOf(spaces: readonly Space[]): readonly string[] {
  return spaces.map(({ id }) => id)
}

function toSpace({ id, key, name, type, status, currentActiveAlias }: SpaceJson): Space {
  return {
    id: String(id),
    key,
    name,
    archived: status === 'archived',
    personal: type === 'personal',
    ...(currentActiveAlias && currentActiveAlias !== key ? { alias: currentActiveAlias } : {}),
  }
}

function toRow(json: ContentJson, kind: Kind): Row {
  const { createdAt, authorId, version, _links } = json
  return {
    ...toNode(json),
    kind,
    status: json.status,
    spaceId: String(json.spaceId),
    version: version?.number ?? 1,
    modified: timeOf(version?.createdAt ?? createdAt),
    ...(createdAt ? { createdAt } : {}),
    ...(authorId ? { authorId } : {}),
    ...(_links?.webui ? { webui: _links.webui } : {}),
  }
}

function toNode({ id, title, parentId, parentType }: ContentJson): Node {
  return {
    id: String(id),
    title,
    ...(parentId ? { parent: { id: String(parentId), kind: parentType ?? 'page' } } : {}),
  }
}

function toMember({ accountId, displayName, publicName, email }: UserJson): Member {
  const name = displayName || publicName
  return { id: accountId, ...(name ? { name } : {}), ...(email ? { email } : {}) }
}
