import type { CapabilityCheck, CheckResult, ConnectorError } from '@cx/core'
import { concernsPart } from './errors.ts'
import { headOf } from './head.ts'
import { type Repo, repoParams } from './repos.ts'
import type { StageRun } from './stage.ts'

/** Proves the way in by the calls a sync makes: the account, the repositories, one branch, who may read. Small: a sync begins with it. */
export async function check(run: StageRun): Promise<CheckResult> {
  const { session, config, signal } = run
  const selection = await session.select(signal)
  const checks: CapabilityCheck[] = selection.missing.map(({ path, error }) => failed(`repository ${path}`, error))
  const [first] = selection.repos
  checks.push({
    capability: 'repositories',
    status: first ? 'ok' : 'failed',
    message: `${selection.repos.length} repositories can be read.`,
    ...(first ? {} : { remediation: 'Check `repos`, and which repositories the token or app was granted.' }),
  })
  if (first && config.includeFiles) checks.push(await probe('contents', () => contents(first, signal)))
  const closed = selection.repos.find((repo) => repo.visibility !== 'public')
  if (closed) checks.push(await probe('permissions', () => collaborators(closed, signal)))
  const account = await whoAmI(run, first)
  return { account, tenant: new URL(config.apiUrl).host, checks }
}

async function contents(repo: Repo, signal: AbortSignal): Promise<string> {
  const { commit } = await headOf(repo, signal)
  return commit === null ? `${repo.fullName} is empty.` : `Files of ${repo.fullName}@${repo.branch} can be read.`
}

async function collaborators(repo: Repo, signal: AbortSignal): Promise<string> {
  const params = { ...repoParams(repo), per_page: 1 }
  await repo.client.get('/repos/{owner}/{repo}/collaborators', {
    signal,
    what: `collaborators of ${repo.fullName}`,
    params,
  })
  return `Who may read ${repo.fullName} can be listed.`
}

/** The account, or what stands for it where there is none. */
async function whoAmI({ session: { hub }, signal }: StageRun, repo: Repo | undefined): Promise<string> {
  if (hub.method === 'none') return 'anonymous'
  if (hub.method === 'app') return `installation for ${repo?.owner ?? 'no repository'}`
  const client = repo?.client ?? (await hub.client(undefined, undefined, signal))
  return (await client.get<{ login: string }>('/user', { signal, what: 'account of these credentials' })).data.login
}

async function probe(capability: string, work: () => Promise<string>): Promise<CapabilityCheck> {
  try {
    return { capability, status: 'ok', message: await work() }
  } catch (error) {
    if (!concernsPart(error)) throw error
    return failed(capability, error)
  }
}

function failed(capability: string, error: unknown): CapabilityCheck {
  const { message, remediation } = error as ConnectorError
  return { capability, status: 'failed', message, ...(remediation === undefined ? {} : { remediation }) }
}
