import { type Ask, problem, type Reply } from './http.ts'
import type { Account, FakeIssue, FakeRelease, FakeRepo } from './model.ts'
import type { FakeGitHub } from './server.ts'

const ok = (body: unknown, headers: Record<string, string> = {}): Reply => ({ status: 200, body, headers })

/** One page of a list, at most 100, with a Link header that carries an opaque cursor: page numbers are refused. */
function paged(
  ask: Ask,
  items: readonly unknown[],
  wrap: (page: readonly unknown[]) => unknown = (page) => page,
): Reply {
  const { url } = ask
  if (url.searchParams.has('page'))
    return problem(422, 'Pagination with the page parameter is not supported: use cursor based pagination.')
  const size = Math.min(100, Number(url.searchParams.get('per_page') ?? 30))
  const start = Number(Buffer.from(url.searchParams.get('after') ?? '', 'base64').toString() || 0)
  const next = new URL(url)
  next.searchParams.set('after', Buffer.from(String(start + size)).toString('base64'))
  const link = start + size < items.length ? { link: `<${next}>; rel="next", <${url}>; rel="first"` } : {}
  return ok(wrap(items.slice(start, start + size)), link as Record<string, string>)
}

export function repoRoutes(hub: FakeGitHub, ask: Ask): Reply | undefined {
  const { pathname } = ask.url
  const byId = /^\/repositories\/(\d+)(\/.*)?$/.exec(pathname)
  const byName = /^\/repos\/([^/]+)\/([^/]+)(\/.*)?$/.exec(pathname)
  if (!byId && !byName) return undefined
  const repo = hub.repos.find((one) =>
    byId ? one.id === Number(byId[1]) : one.fullName.toLowerCase() === `${byName![1]}/${byName![2]}`.toLowerCase(),
  )
  if (!repo || !hub.sees(ask, repo)) return problem(404, 'Not Found')
  const rest = (byId ? byId[2] : byName![3]) ?? ''
  if (rest === '') return ok(repo.json())
  return (
    content(hub, ask, repo, rest) ??
    people(hub, ask, repo, rest) ??
    threads(ask, repo, rest) ??
    problem(404, 'Not Found')
  )
}

function content(hub: FakeGitHub, ask: Ask, repo: FakeRepo, rest: string): Reply | undefined {
  const [, kind, what = ''] = /^\/(commits|git\/trees|git\/blobs|tarball)\/([^/]+)$/.exec(rest) ?? []
  if (!kind) return undefined
  const ref = decodeURIComponent(what)
  if (repo.branches.size === 0 && kind !== 'git/blobs') return problem(409, 'Git Repository is empty.')
  const { git } = repo
  if (kind === 'commits') {
    const sha = repo.branches.get(ref) ?? (git.commits.has(ref) ? ref : undefined)
    if (!sha) return problem(422, `No commit found for SHA: ${ref}`)
    if (ask.headers.accept?.includes('vnd.github.sha'))
      return {
        status: 200,
        body: sha,
        etag: `"${sha}"`,
        headers: { 'content-type': 'application/vnd.github.sha; charset=utf-8' },
      }
    return ok({ sha, commit: { tree: { sha: git.commits.get(sha) } } })
  }
  if (kind === 'git/trees') {
    const sha = repo.branches.get(ref) ?? ref
    if (!git.commits.has(sha) && !git.trees.has(sha)) return problem(404, 'Not Found')
    const tree = []
    const recursive = ask.url.searchParams.has('recursive')
    let truncated = false
    for (const row of git.walk(sha, recursive)) {
      if (tree.length >= (recursive ? hub.treeLimit : hub.levelLimit)) {
        truncated = true
        break
      }
      const size = row.type === 'blob' ? { size: git.blobs.get(row.sha)!.length } : {}
      tree.push({
        path: row.path,
        mode: row.mode,
        type: row.type,
        sha: row.sha,
        ...size,
        url: `${hub.url}/x/${row.sha}`,
      })
    }
    return ok({ sha: git.commits.get(sha) ?? sha, url: `${hub.url}/x/${sha}`, tree, truncated })
  }
  if (kind === 'git/blobs') {
    const blob = git.blobs.get(ref)
    if (!blob) return problem(404, 'Not Found')
    if (ask.headers.accept?.includes('raw'))
      return { status: 200, body: blob, headers: { 'content-type': 'application/vnd.github.raw+json; charset=utf-8' } }
    return ok({
      sha: ref,
      node_id: `B_${ref}`,
      size: blob.length,
      url: `${hub.url}/x/${ref}`,
      content: blob.toString('base64'),
      encoding: 'base64',
    })
  }
  if (!hub.archives) return problem(404, 'Not Found')
  const location = `${hub.archiveUrl}/${repo.fullName}/legacy.tar.gz/refs/${ref}?token=once`
  return { status: 302, body: '', headers: { location } }
}

function people(hub: FakeGitHub, ask: Ask, repo: FakeRepo, rest: string): Reply | undefined {
  if (rest !== '/collaborators') return undefined
  if (!ask.installation && !hub.writers.has(ask.account?.login ?? ''))
    return problem(403, 'Must have push access to view repository collaborators.', {
      'x-accepted-github-permissions': 'metadata=read',
    })
  const all = hub.accounts.filter(
    (one) => one.type === 'User' && (one.id === repo.owner.id || repo.collaborators.has(one.id)),
  )
  return paged(ask, all.map(user))
}

export function user(account: Account): Record<string, unknown> {
  return { id: account.id, login: account.login, type: account.type, node_id: `U_${account.id}` }
}

/** https://docs.github.com/en/rest/orgs/orgs#list-organizations-for-the-authenticated-user */
function organization({ id, login }: Account): Record<string, unknown> {
  return { id, login, node_id: `O_${id}`, description: null }
}

function threads(ask: Ask, repo: FakeRepo, rest: string): Reply | undefined {
  const { searchParams } = ask.url
  if (rest === '/issues') {
    const state = searchParams.get('state') ?? 'open'
    const since = searchParams.get('since') ?? ''
    const sort = searchParams.get('sort') === 'updated' ? 'updated_at' : 'created_at'
    const found = repo.issues
      .filter((issue) => (state === 'all' || issue.state === state) && issue.updated_at >= since)
      .sort((a, b) => a[sort].localeCompare(b[sort]) || a.number - b.number)
    if (searchParams.get('direction') !== 'asc') found.reverse()
    return paged(
      ask,
      found.map((issue) => issueJson(repo, issue)),
    )
  }
  const [, number, comments] = /^\/issues\/(\d+)(\/comments)?$/.exec(rest) ?? []
  if (number) {
    const issue = repo.issues.find((one) => one.number === Number(number))
    if (!issue) return problem(404, 'Not Found')
    return comments
      ? paged(
          ask,
          issue.comments.map((one) => ({ ...one, user: { login: one.user } })),
        )
      : ok(issueJson(repo, issue))
  }
  const [, pull, part] = /^\/pulls\/(\d+)\/(comments|reviews)$/.exec(rest) ?? []
  if (pull) {
    const reviews = repo.issues.find((one) => one.number === Number(pull))?.pull?.reviews ?? []
    if (part === 'reviews')
      return paged(
        ask,
        reviews.map((one) => ({
          user: { login: one.user },
          state: one.state,
          body: one.body,
          submitted_at: '2026-01-02T00:00:00Z',
        })),
      )
    return paged(
      ask,
      reviews.flatMap((one) => one.comments).map((one) => ({ ...one, user: { login: one.user } })),
    )
  }
  if (rest === '/releases')
    return paged(
      ask,
      repo.releases.map((one) => releaseJson(repo, one)),
    )
  const release = repo.releases.find((one) => rest === `/releases/${one.id}`)
  return release ? ok(releaseJson(repo, release)) : undefined
}

function releaseJson(repo: FakeRepo, one: FakeRelease): Record<string, unknown> {
  return {
    id: one.id,
    tag_name: one.tag,
    name: one.name,
    body: one.body,
    draft: one.draft ?? false,
    prerelease: false,
    html_url: `https://github.com/${repo.fullName}/releases/tag/${one.tag}`,
    created_at: '2026-01-01T00:00:00Z',
    published_at: '2026-01-01T00:00:00Z',
    author: { login: 'ann' },
  }
}

function issueJson(repo: FakeRepo, issue: FakeIssue): Record<string, unknown> {
  return {
    id: repo.id * 1000 + issue.number,
    number: issue.number,
    title: issue.title,
    body: issue.body,
    state: issue.state,
    user: { login: issue.user },
    labels: issue.labels.map((name) => ({ name })),
    assignees: [],
    milestone: null,
    comments: issue.comments.length,
    created_at: issue.created_at,
    updated_at: issue.updated_at,
    closed_at: null,
    html_url: `https://github.com/${repo.fullName}/${issue.pull ? 'pull' : 'issues'}/${issue.number}`,
    ...(issue.pull ? { pull_request: { merged_at: null } } : {}),
  }
}

export function accountRoutes(hub: FakeGitHub, ask: Ask): Reply | undefined {
  const { pathname } = ask.url
  const visible = hub.repos.filter((repo) => hub.sees(ask, repo))
  if (pathname === '/user')
    return ask.account
      ? ok(user(ask.account))
      : problem(
          ask.installation ? 403 : 401,
          ask.installation ? 'Resource not accessible by integration' : 'Requires authentication',
        )
  if (pathname === '/user/orgs')
    return paged(ask, hub.accounts.filter((one) => one.type === 'Organization').map(organization))
  if (pathname === '/user/repos')
    return paged(
      ask,
      visible.filter((repo) => repo.owner.id === ask.account?.id).map((repo) => repo.json()),
    )
  if (pathname === '/installation/repositories') {
    if (!ask.installation)
      return problem(
        403,
        'You must authenticate with an installation access token in order to list repositories for an installation.',
      )
    const mine = hub.repos.filter((repo) => repo.owner.login === ask.installation).map((repo) => repo.json())
    return paged(ask, mine, (page) => ({ total_count: mine.length, repositories: page }))
  }
  const [, kind, login, what] = /^\/(orgs|users)\/([^/]+)\/(repos|members)$/.exec(pathname) ?? []
  if (!kind) return undefined
  const type = kind === 'orgs' ? 'Organization' : undefined
  const owner = hub.accounts.find(
    (one) => one.login.toLowerCase() === login!.toLowerCase() && (!type || one.type === type),
  )
  if (!owner) return problem(404, 'Not Found')
  if (what === 'members') return paged(ask, hub.accounts.filter((one) => one.type === 'User').map(user))
  const owned = visible.filter(
    (repo) => repo.owner.id === owner.id && (kind === 'orgs' || repo.visibility === 'public'),
  )
  return paged(
    ask,
    owned.map((repo) => repo.json()),
  )
}
