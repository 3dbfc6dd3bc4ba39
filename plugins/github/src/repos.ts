import { ConnectorError } from '@cx/core'
import type { Client } from './client.ts'
import type { Config } from './config.ts'
import { concernsPart, isNotFound } from './errors.ts'
import type { Hub } from './hub.ts'

/** A repository as GitHub describes it, as far as we look. */
export interface RepoJson {
  readonly id: number
  readonly name: string
  readonly full_name: string
  readonly owner: { readonly id: number; readonly login: string; readonly type: string }
  readonly private: boolean
  readonly visibility?: string
  readonly default_branch?: string
  readonly html_url: string
  readonly fork: boolean
  readonly archived?: boolean
  readonly disabled?: boolean
}

export interface Repo {
  /** Outlives renames and transfers. */
  readonly id: number
  readonly owner: string
  readonly ownerId: number
  readonly organization: boolean
  readonly name: string
  readonly fullName: string
  /** The configured branch, else the default one. */
  readonly branch: string
  readonly visibility: 'public' | 'private' | 'internal'
  readonly url: string
  readonly client: Client
}

export interface Selection {
  /** Each once, in the order of the configuration, `owner/*` by id. */
  readonly repos: readonly Repo[]
  /** Configured, but not readable; `path` is the subtree of entries concerned. */
  readonly missing: readonly { readonly path: string; readonly error: unknown }[]
}

/**
 * The repositories that the configuration names.
 *
 * @throws ConnectorError when none of them can be read: a run without a single repository must not look finished.
 */
export async function selectRepos(hub: Hub, config: Config, signal: AbortSignal): Promise<Selection> {
  const repos = new Map<number, Repo>()
  const missing: { path: string; error: unknown }[] = []
  for (const selector of config.repos) {
    try {
      for await (const [json, client] of resolve(hub, selector, config, signal)) {
        if (json.disabled)
          missing.push({
            path: `${json.full_name}/`,
            error: new ConnectorError('forbidden', `GitHub has disabled the repository ${json.full_name}.`),
          })
        else if (!repos.has(json.id)) repos.set(json.id, toRepo(json, config.branch, client))
      }
    } catch (error) {
      // Documents of a repository known by number alone stand under a name we cannot learn any more.
      if (!concernsPart(error) || !selector.includes('/')) throw error
      missing.push({ path: selector.endsWith('/*') ? selector.slice(0, -1) : `${selector}/`, error })
    }
  }
  if (repos.size === 0 && missing.length > 0) throw nothingReadable(missing[0]!.error)
  return { repos: [...repos.values()], missing }
}

function nothingReadable(error: unknown): unknown {
  if (!isNotFound(error)) return error
  const { message, remediation } = error as ConnectorError
  return new ConnectorError('misconfigured', message, remediation === undefined ? {} : { remediation })
}

async function* resolve(
  hub: Hub,
  selector: string,
  config: Config,
  signal: AbortSignal,
): AsyncGenerator<readonly [RepoJson, Client], void, void> {
  const [owner, name] = selector.split('/') as [string, string | undefined]
  if (name === undefined) {
    const client = await hub.client(undefined, undefined, signal)
    const call = { signal, what: `repository with id ${selector}`, params: { id: selector } }
    yield [(await client.get<RepoJson>('/repositories/{id}', call)).data, client]
  } else if (name !== '*') {
    const client = await hub.client(owner, name, signal)
    const call = { signal, what: `repository ${selector}`, params: { owner, repo: name } }
    yield [(await client.get<RepoJson>('/repos/{owner}/{repo}', call)).data, client]
  } else {
    const client = await hub.client(owner, undefined, signal)
    const found: RepoJson[] = []
    for await (const page of ownedRepos(hub, client, owner, signal)) found.push(...page)
    for (const json of found.sort((a, b) => a.id - b.id))
      if ((config.includeForks || !json.fork) && (config.includeArchived || !json.archived)) yield [json, client]
  }
}

/** Every repository of `owner` that these credentials see. */
export async function* ownedRepos(
  hub: Hub,
  client: Client,
  owner: string,
  signal: AbortSignal,
): AsyncGenerator<readonly RepoJson[], void, void> {
  const call = { signal, what: `repositories of ${owner}`, params: { owner } }
  if (hub.method === 'app') {
    for await (const page of client.pages<RepoJson>('/installation/repositories', call))
      yield page.filter((repo) => repo.owner.login.toLowerCase() === owner.toLowerCase())
    return
  }
  try {
    yield* client.pages<RepoJson>('/orgs/{owner}/repos', { ...call, params: { owner, type: 'all' } })
    return
  } catch (error) {
    if (!isNotFound(error)) throw error
  }
  // A person's private repositories are listed to that person alone.
  if (hub.method !== 'none') {
    const me = await client.get<{ login: string }>('/user', { signal, what: 'account of these credentials' })
    if (me.data.login.toLowerCase() === owner.toLowerCase()) {
      yield* client.pages<RepoJson>('/user/repos', { ...call, params: { affiliation: 'owner' } })
      return
    }
  }
  yield* client.pages<RepoJson>('/users/{owner}/repos', { ...call, params: { owner, type: 'owner' } })
}

export function toRepo(json: RepoJson, branch: string | undefined, client: Client): Repo {
  const { visibility } = json
  return {
    id: json.id,
    owner: json.owner.login,
    ownerId: json.owner.id,
    organization: json.owner.type === 'Organization',
    name: json.name,
    fullName: json.full_name,
    // Lists may leave it out; HEAD is whatever it is.
    branch: branch || json.default_branch || 'HEAD',
    visibility: visibility === 'internal' ? 'internal' : json.private ? 'private' : 'public',
    url: json.html_url,
    client,
  }
}

/** What the REST routes of a repository take. */
export function repoParams(repo: Repo): { readonly owner: string; readonly repo: string } {
  return { owner: repo.owner, repo: repo.name }
}
