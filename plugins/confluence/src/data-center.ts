import type { Principal } from '@cx/core'
import { mapConcurrently } from '@cx/core/http'
import type { Client } from './client.ts'
import { dataCenterReaders } from './data-center-readers.ts'
import { concernsPart, statusOf } from './errors.ts'
import {
  type ContentJson,
  changedSince,
  modifiedOf,
  mostIdsInQuery,
  quoted,
  search,
  toMember,
  type UserJson,
} from './search.ts'
import {
  type Body,
  type Broken,
  type Call,
  chunks,
  type Kind,
  type Member,
  type Row,
  type Space,
  type Status,
  type Wanted,
  type Wiki,
  type Window,
} from './wiki.ts'

interface SpaceJson {
  readonly id: number | string
  readonly key: string
  readonly name: string
  readonly type?: string
  readonly status?: string
}

const mostRows = 100
const rowFields = ['version', 'ancestors', 'space', 'history']
const atOnce = 4

/** Confluence Data Center: REST v1. https://docs.atlassian.com/ConfluenceServer/rest/ */
export class DataCenter implements Wiki {
  readonly flavour = 'data_center'
  readonly client: Client
  /** Ids by key: content names its space by key alone in older lines. */
  readonly #spaceIds = new Map<string, string>()

  constructor(client: Client) {
    this.client = client
  }

  async *spaces(keys: readonly string[] | undefined, { signal }: Call): AsyncGenerator<readonly Space[]> {
    for (const some of keys ? chunks(keys, 50) : [undefined]) {
      const call = { signal, limit: mostRows, query: { spaceKey: some } }
      // Space ids are numbers here.
      for await (const rows of this.client.offsets<SpaceJson & { id: string }>('rest/api/space', call))
        yield rows.map((json) => this.#toSpace(json))
    }
  }

  async *rows(
    space: Space,
    kind: Kind,
    statuses: readonly Status[],
    { signal, onBroken }: Call & Broken,
  ): AsyncGenerator<readonly Row[]> {
    // Archived pages are a matter of Cloud; an archived space has current pages.
    for (const status of statuses.filter((one) => one !== 'archived')) {
      const query = { type: kind, spaceKey: space.key, status, expand: rowFields.join(',') }
      for await (const rows of this.client.offsets<ContentJson>('rest/api/content', {
        signal,
        limit: mostRows,
        query,
        onBroken,
      }))
        yield rows.map((row) => this.#toRow(row))
    }
  }

  async newest(spaces: readonly Space[], kinds: readonly Kind[], { signal }: Call): Promise<number> {
    let newest = 0
    for (const some of chunks(spaces, mostRows)) {
      const cql = `${inSpaces(some, kinds)} order by lastmodified desc`
      const { results } = await this.client.json<{ results: readonly ContentJson[] }>('rest/api/content/search', {
        signal,
        query: { cql, expand: 'version', limit: 10 },
      })
      for (const row of results) newest = Math.max(newest, modifiedOf(row))
    }
    return newest
  }

  async *modified(
    spaces: readonly Space[],
    kind: Kind,
    { since }: Window,
    { signal }: Call,
  ): AsyncGenerator<readonly Row[]> {
    for (const some of chunks(spaces, mostRows)) {
      // What the query calls modified and what the version says may differ: nothing is left out by the latter.
      const cql = `${inSpaces(some, [kind])}${changedSince(since, this.client.now())} order by lastmodified asc`
      for await (const rows of search(this, cql, { signal, expand: rowFields }))
        yield rows.map((row) => this.#toRow(row))
    }
  }

  async *hidden(
    spaces: readonly Space[],
    kind: Kind,
    statuses: readonly Status[],
    { signal }: Call,
  ): AsyncGenerator<readonly string[]> {
    if (!statuses.includes('trashed')) return
    const binOf = async ({ key }: Space) => {
      const ids: string[] = []
      const call = { signal, limit: mostRows, query: { type: kind, spaceKey: key, status: 'trashed' } }
      try {
        for await (const rows of this.client.offsets<ContentJson>('rest/api/content', call))
          ids.push(...rows.map(({ id }) => String(id)))
      } catch (error) {
        // The bin of a space is for its administrators in some lines; then deletions wait for the next full listing.
        if (!concernsPart(error)) throw error
      }
      return ids
    }
    yield* mapConcurrently(spaces, atOnce, binOf)
  }

  async *byIds(
    ids: readonly string[],
    kind: Kind,
    _statuses: readonly Status[],
    { signal }: Call,
  ): AsyncGenerator<readonly Row[]> {
    for (const some of chunks(ids, mostIdsInQuery))
      for await (const rows of search(this, `type = ${kind} and id in (${some.join(',')})`, {
        signal,
        expand: rowFields,
      }))
        yield rows.map((row) => this.#toRow(row))
  }

  node(): Promise<undefined> {
    return Promise.resolve(undefined)
  }

  async *children(
    { key }: Space,
    parentId: string | undefined,
    { signal }: Call,
  ): AsyncGenerator<readonly { id: string; title: string }[]> {
    const path = parentId
      ? `rest/api/content/${encodeURIComponent(parentId)}/child/page`
      : `rest/api/space/${encodeURIComponent(key)}/content/page`
    const query = parentId ? {} : { depth: 'root' }
    for await (const rows of this.client.offsets<ContentJson>(path, { signal, limit: mostRows, query }))
      yield rows.map(({ id, title = '' }) => ({ id: String(id), title }))
  }

  async body(id: string, _kind: Kind, want: Wanted, { signal }: Call): Promise<Body> {
    const get = async (source: Wanted['source']) => {
      const expand = bodyFields({ ...want, source }).join(',')
      const path = `rest/api/content/${encodeURIComponent(id)}`
      return this.#toBody(await this.client.json<ContentJson>(path, { signal, query: { expand } }), source)
    }
    return get(want.source).catch((error: unknown) => {
      // Some pages cannot be had as they were written. https://jira.atlassian.com/browse/CONFCLOUD-76433
      if (want.source !== 'storage' || statusOf(error) !== 500) throw error
      return get('view')
    })
  }

  async bodies(ids: readonly string[], kind: Kind, want: Wanted, { signal }: Call): Promise<ReadonlyMap<string, Body>> {
    const found = new Map<string, Body>()
    for (const some of chunks(ids, mostIdsInQuery))
      for await (const rows of search(this, `type = ${kind} and id in (${some.join(',')})`, {
        signal,
        expand: bodyFields(want),
      }))
        for (const json of rows) found.set(String(json.id), this.#toBody(json, 'storage'))
    return found
  }

  attachmentsOfHidden(): Promise<readonly string[]> {
    return Promise.resolve([])
  }

  readers(space: Space, call: Call): Promise<readonly Principal[]> {
    return dataCenterReaders(this.client, space, call)
  }

  /** A group's name is its id. */
  async *groups({ signal }: Call): AsyncGenerator<readonly { id: string; name: string }[]> {
    for (let start = 0; ; ) {
      const { results, _links } = await this.client.json<{
        results: readonly { name: string }[]
        _links?: { next?: string }
      }>('rest/api/group', { signal, query: { start, limit: 200 } })
      yield results.map(({ name }) => ({ id: name, name }))
      if (!_links?.next || results.length === 0) return
      start += results.length
    }
  }

  async *members({ name }: { name: string }, { signal }: Call): AsyncGenerator<readonly Member[]> {
    for (let start = 0; ; ) {
      const path = `rest/api/group/${encodeURIComponent(name)}/member`
      const { results, _links } = await this.client.json<{
        results: readonly UserJson[]
        _links?: { next?: string }
      }>(path, { signal, query: { start, limit: 200 } })
      yield results.map(toMember)
      if (!_links?.next || results.length === 0) return
      start += results.length
    }
  }

  /** One call each: there is no list of users by key. */
  async people(ids: readonly string[], { signal }: Call): Promise<ReadonlyMap<string, Member>> {
    const look = async (id: string): Promise<readonly [string, Member] | undefined> => {
      for (const name of ['key', 'username'])
        try {
          return [id, toMember(await this.client.json<UserJson>('rest/api/user', { signal, query: { [name]: id } }))]
        } catch (error) {
          if (!concernsPart(error)) throw error
        }
      return undefined
    }
    const found = new Map<string, Member>()
    for await (const one of mapConcurrently(ids, atOnce, look)) if (one) found.set(...one)
    return found
  }

  #toBody(json: ContentJson, source: Wanted['source']): Body {
    const labels = (json.metadata?.labels?.results ?? []).map(({ name }) => name)
    return { row: this.#toRow(json), html: json.body?.[source]?.value ?? '', labels }
  }

  #toSpace({ id, key, name, type, status }: SpaceJson): Space {
    this.#spaceIds.set(key, String(id))
    return { id: String(id), key, name, archived: status === 'archived', personal: type === 'personal' }
  }

  #toRow(json: ContentJson): Row {
    const { ancestors = [], history, space, version, _links } = json
    const author = history?.createdBy && toMember(history.createdBy)
    return {
      id: String(json.id),
      kind: json.type === 'blogpost' ? 'blogpost' : 'page',
      title: json.title ?? '',
      status: json.status ?? 'current',
      spaceId: String(space?.id ?? this.#spaceIds.get(space?.key ?? '') ?? ''),
      version: version?.number ?? 1,
      modified: modifiedOf(json),
      above: ancestors.map(({ id, title = '' }) => ({ id: String(id), title })),
      ...(space ? { spaceKey: space.key } : {}),
      ...(history?.createdDate ? { createdAt: history.createdDate } : {}),
      ...(author?.id ? { authorId: author.id } : {}),
      ...(author?.name ? { authorName: author.name } : {}),
      ...(_links?.webui ? { webui: _links.webui } : {}),
    }
  }
}

function bodyFields({ source, labels }: Wanted): readonly string[] {
  return [`body.${source}`, ...rowFields, ...(labels ? ['metadata.labels'] : [])]
}

function inSpaces(spaces: readonly Space[], kinds: readonly Kind[]): string {
  return `type in (${kinds.join(',')}) and space in (${spaces.map(({ key }) => quoted(key)).join(',')})`
}
