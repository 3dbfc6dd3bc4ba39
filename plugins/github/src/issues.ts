import { createHash } from 'node:crypto'
import { type Entry, type Json, type Removed, removed } from '@cx/core'
import { repoAcl } from './acl.ts'
import { statusOf } from './client.ts'
import type { Config } from './config.ts'
import { concernsPart, isNotFound } from './errors.ts'
import { readThread } from './issue-threads.ts'
import { type Repo, repoParams } from './repos.ts'
import { behind, isAsked, type Stage, type StageRun } from './stage.ts'
import { threadPath } from './webhook.ts'

/** An issue or pull request as the issues API lists it. */
export interface IssueJson {
  readonly number: number
  readonly title: string
  readonly body?: string | null
  readonly state: string
  readonly user: { readonly login: string } | null
  readonly labels: readonly (string | { readonly name?: string })[]
  readonly comments: number
  readonly created_at: string
  readonly updated_at: string
  readonly html_url: string
  readonly pull_request?: { readonly merged_at?: string | null }
}

/** Where the feed stands: the newest change seen; the ETag of the question asked from there. */
type Mark = { readonly u: string; readonly e?: string }

/** GitHub's `since` misses changes for a while after they were made: three hours are asked for again, and cost nothing when nothing came. */
const overlapMs = 3 * 3_600_000
const route = '/repos/{owner}/{repo}/issues'

/** Issues and pull requests with everything said in them; they share numbers and one listing. */
export const issues: Stage = {
  name: 'issues',
  // Issues and pull requests lie under two folders: the whole repository is what cannot be told apart.
  subtree: (repo) => `${repo.fullName}/`,

  async mark(repo, run) {
    const params = { ...repoParams(repo), state: 'all', sort: 'updated', direction: 'desc', per_page: 1 }
    try {
      const { data } = await repo.client.get<readonly IssueJson[]>(route, callOf(repo, run, params))
      return { u: data[0]?.updated_at ?? '' } satisfies Mark
    } catch (error) {
      if (!isNotFound(error)) throw error
      return { u: '' } satisfies Mark
    }
  },

  list(repo, _mark, run, after) {
    const numbers = askedNumbers(repo, run.only)
    return numbers ? single(repo, numbers, run) : behind(() => every(repo, run), after)
  },

  async *since(repo, mark, run): AsyncGenerator<Entry | Removed, Json, void> {
    const { u, e } = mark as Mark
    const since = u === '' ? undefined : new Date(Date.parse(u) - overlapMs).toISOString().replace('.000', '')
    const params = { ...repoParams(repo), state: 'all', sort: 'updated', direction: 'asc', per_page: 100, since }
    const call = { ...callOf(repo, run, params), ...(e ? { headers: { 'if-none-match': e } } : {}) }
    let newest = u
    let etag: string | undefined
    try {
      for await (const page of repo.client.answers<IssueJson>(route, call)) {
        etag ??= page.etag
        for (const issue of page.data) {
          if (issue.updated_at > newest) newest = issue.updated_at
          if (isWanted(issue, run.config)) yield toEntry(repo, issue)
          else if (isKind(issue, run.config)) yield removed(issueId(repo, issue.number))
        }
      }
    } catch (error) {
      if (statusOf(error) === 304) return mark
      if (!isNotFound(error)) throw error
    }
    // The ETag belongs to this very question: with a later `since` there is none yet.
    return { u: newest, ...(newest === u && etag ? { e: etag } : {}) } satisfies Mark
  },

  read: (repo, entry, run) => readThread(repo, (entry.ref as { n: number }).n, run),
}

async function* every(repo: Repo, run: StageRun): AsyncGenerator<Entry, void, void> {
  const { config } = run
  // By creation: an issue that changes meanwhile keeps its place, so none is skipped between two pages.
  const params = { ...repoParams(repo), state: config.state, sort: 'created', direction: 'asc' }
  try {
    for await (const page of repo.client.pages<IssueJson>(route, callOf(repo, run, params)))
      for (const issue of page) if (isWanted(issue, config)) yield toEntry(repo, issue)
  } catch (error) {
    // 410: issues are switched off in this repository.
    if (!isNotFound(error)) throw error
  }
}

function callOf(repo: Repo, { signal }: StageRun, params: Record<string, unknown>) {
  return { signal, what: `issues of ${repo.fullName}`, params }
}

function isKind({ pull_request }: IssueJson, config: Config): boolean {
  return pull_request ? config.includePullRequests : config.includeIssues
}

function isWanted(issue: IssueJson, config: Config): boolean {
  return isKind(issue, config) && (config.state === 'all' || issue.state === config.state)
}

function issueId(repo: Repo, number: number): string {
  return `${repo.id}#${number}`
}

/** The numbers of a targeted sync; undefined when it wants more than single issues. */
function askedNumbers(repo: Repo, only: readonly string[] | undefined): readonly number[] | undefined {
  const prefix = `${repo.fullName}/`
  const mine = only?.filter((path) => path.startsWith(prefix) || path.endsWith('/'))
  if (!mine || mine.some((path) => path.endsWith('/'))) return undefined
  return mine.flatMap((path) => {
    const found = /^(?:issues|pull)\/(\d+)$/.exec(path.slice(prefix.length))
    return found ? [Number(found[1])] : []
  })
}

async function* single(repo: Repo, numbers: readonly number[], run: StageRun): AsyncGenerator<Entry, void, void> {
  for (const issue_number of numbers)
    try {
      const call = callOf(repo, run, { ...repoParams(repo), issue_number })
      const { data } = await repo.client.get<IssueJson>(`${route}/{issue_number}`, call)
      const entry = toEntry(repo, data)
      // A transferred issue redirects to another repository: here it is gone.
      if (isWanted(data, run.config) && data.number === issue_number && isAsked(entry.path, run.only)) yield entry
    } catch (error) {
      if (!concernsPart(error) || !isNotFound(error)) throw error
    }
}

function toEntry(repo: Repo, issue: IssueJson): Entry {
  const { number, title, state, updated_at, comments } = issue
  const labels = issue.labels.map((label) => (typeof label === 'string' ? label : (label.name ?? '')))
  // Times are whole seconds: two edits within one differ in their text alone.
  const text = createHash('sha256')
    .update(JSON.stringify([title, issue.body, state, labels]))
    .digest('base64url')
  const pull = issue.pull_request !== undefined
  return {
    id: issueId(repo, number),
    path: threadPath(repo.fullName, pull, number),
    version: `${updated_at} ${comments} ${text.slice(0, 16)}`,
    title,
    mimeType: 'text/markdown',
    createdAt: issue.created_at,
    updatedAt: updated_at,
    url: issue.html_url,
    ref: { k: 'issues', n: number },
    acl: repoAcl(repo),
    metadata: { repository: repo.fullName, kind: pull ? 'pull_request' : 'issue', number, state, labels },
    ...(issue.user ? { author: issue.user.login } : {}),
  }
}
