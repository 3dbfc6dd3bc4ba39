import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Entry, Log } from '@cx/core'
import { type Config, filterPatterns } from './config.ts'
import { RepoContents } from './contents.ts'
import { createPathFilter, type PathFilter } from './filter.ts'
import { Hub, type HubOptions } from './hub.ts'
import { ThreadBatch } from './issue-threads.ts'
import { type Repo, type RepoJson, type Selection, selectRepos, toRepo } from './repos.ts'

const recentMs = 60_000

/** One run's connection: clients, the repositories seen, and where their contents come from. */
export class Session {
  readonly hub: Hub
  readonly wanted: PathFilter
  readonly log: Log
  readonly #config: Config
  readonly #closing = new AbortController()
  #folder: Promise<string> | undefined
  #selected: { readonly at: number; readonly selection: Selection } | undefined
  readonly #repos = new Map<number, Repo>()
  readonly #contents = new Map<number, RepoContents>()
  readonly #threads = new Map<number, ThreadBatch>()

  private constructor(hub: Hub, config: Config, log: Log) {
    this.hub = hub
    this.log = log
    this.#config = config
    this.wanted = createPathFilter(filterPatterns(config.pathFilter))
  }

  static async open(config: Config, log: Log, options: Omit<HubOptions, 'apiUrl' | 'reserve'>): Promise<Session> {
    const hub = await Hub.open({ ...options, apiUrl: config.apiUrl, reserve: config.rateLimitReserve })
    return new Session(hub, config, log)
  }

  /** The configured repositories as they are now. */
  async select(signal: AbortSignal): Promise<Selection> {
    const selection = await selectRepos(this.hub, this.#config, signal)
    for (const repo of selection.repos) this.#repos.set(repo.id, repo)
    this.#selected = { at: Date.now(), selection }
    for (const { path, error } of selection.missing)
      this.log.warn('A configured repository cannot be read.', { path, reason: (error as Error).message })
    return selection
  }

  /** The same, at most a minute old: for what is asked page by page, or after a listing. */
  async selectRecent(signal: AbortSignal): Promise<Selection> {
    const recent = this.#selected
    return recent && Date.now() - recent.at < recentMs ? recent.selection : this.select(signal)
  }

  /** The repository an entry belongs to; asked for when this run has not listed it, as in a retry. */
  async repoOf(entry: Entry, signal: AbortSignal): Promise<Repo> {
    const id = Number.parseInt(entry.id, 10)
    const known = this.#repos.get(id)
    if (known) return known
    const [owner = '', name = ''] = entry.path.split('/')
    const client = await this.hub.client(owner, name, signal)
    const call = { signal, what: `repository ${owner}/${name}`, params: { owner, repo: name } }
    const repo = toRepo((await client.get<RepoJson>('/repos/{owner}/{repo}', call)).data, this.#config.branch, client)
    this.#repos.set(id, repo)
    return repo
  }

  contentsOf(repo: Repo): RepoContents {
    let contents = this.#contents.get(repo.id)
    if (!contents) {
      contents = new RepoContents(repo, this.#closing.signal)
      this.#contents.set(repo.id, contents)
    }
    return contents
  }

  threadsOf(repo: Repo): ThreadBatch {
    let threads = this.#threads.get(repo.id)
    if (!threads) {
      threads = new ThreadBatch(repo, this.#closing.signal)
      this.#threads.set(repo.id, threads)
    }
    return threads
  }

  /** Where Git answers for a repository: never another host than the API's own. */
  webUrlOf(repo: Repo): string {
    return `${this.hub.webUrl}/${repo.fullName}`
  }

  /** A folder of this session's own, gone after `close`. */
  folder(name: string): Promise<string> {
    this.#folder ??= mkdtemp(join(tmpdir(), 'cx-github-'))
    return this.#folder.then((folder) => join(folder, name))
  }

  async close(): Promise<void> {
    this.#closing.abort()
    if (this.#folder) await rm(await this.#folder, { recursive: true, force: true })
    await Promise.all([...this.#contents.values()].map((contents) => contents.close()))
  }
}
