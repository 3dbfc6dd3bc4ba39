import type { Acl, Entry, Principal } from '@cx/core'
import { concernsPart } from './errors.ts'
import type { Repo } from './repos.ts'
import { repoParams } from './repos.ts'
import type { StageRun } from './stage.ts'

export interface Person {
  readonly id: number
  readonly login: string
  readonly node_id: string
}

interface ProfileNode {
  readonly databaseId?: number
  readonly email?: string
  readonly organizationVerifiedDomainEmails?: readonly string[] | null
}

type Group = Extract<Principal, { type: 'group' }>

const readersOf = (repo: Repo): Group => ({ type: 'group', id: `github:repo:${repo.id}` })
const membersOf = (repo: Repo): Group => ({ type: 'group', id: `github:org:${repo.ownerId}` })

/**
 * Who may read a repository, without a call: everyone, or groups whose members `groups` gives. A change of
 * collaborators touches one group and no document.
 */
export function repoAcl(repo: Repo): Acl {
  if (repo.visibility === 'public') return { allOf: [[{ type: 'anyone' }]] }
  return { allOf: [repo.visibility === 'internal' ? [readersOf(repo), membersOf(repo)] : [readersOf(repo)]] }
}

/** Access lists as of now. Of repositories that cannot be seen any more nothing is said: the last known lists stay. */
export async function* acls(
  entries: readonly Entry[],
  run: StageRun,
): AsyncGenerator<{ readonly id: string; readonly acl: Acl }, void, void> {
  const { repos } = await run.session.selectRecent(run.signal)
  const known = new Map(repos.map((repo) => [repo.id, repoAcl(repo)]))
  for (const { id } of entries) {
    const acl = known.get(Number.parseInt(id, 10))
    if (acl) yield { id, acl }
  }
}

/**
 * Members of the groups that access lists name.
 *
 * @throws ConnectorError after the others, when the members of one may not be listed: it is unknown then, not empty, and
 * the engine keeps what it knew. https://docs.github.com/en/rest/collaborators/collaborators#list-repository-collaborators
 */
export async function* groups(
  run: StageRun,
): AsyncGenerator<{ readonly id: string; readonly members: readonly Principal[] }, void, void> {
  const { repos } = await run.session.selectRecent(run.signal)
  const wanted = new Map<string, { readonly repo: Repo; readonly route: string }>()
  for (const repo of repos) {
    if (repo.visibility === 'public') continue
    // The answer is already the union of direct, team and owner access.
    wanted.set(readersOf(repo).id, { repo, route: '/repos/{owner}/{repo}/collaborators' })
    if (repo.visibility === 'internal') wanted.set(membersOf(repo).id, { repo, route: '/orgs/{owner}/members' })
  }
  let unknown: unknown
  for (const [id, { repo, route }] of wanted)
    try {
      yield { id, members: await withEmails(repo, await people(repo, route, run), run) }
    } catch (error) {
      if (!concernsPart(error)) throw error
      run.log.warn('Who may read a repository is unknown: its last known readers stay.', {
        repository: repo.fullName,
        reason: (error as Error).message,
      })
      unknown ??= error
    }
  if (unknown) throw unknown
}

async function people(repo: Repo, route: string, { signal }: StageRun): Promise<readonly Person[]> {
  const params = { ...repoParams(repo), affiliation: 'all' }
  const call = { signal, what: `people who may read ${repo.fullName}`, params }
  const found: Person[] = []
  for await (const page of repo.client.pages<Person>(route, call)) found.push(...page)
  return found
}

/** Addresses where an organisation has verified them or a profile shows them; ids otherwise. */
async function withEmails(repo: Repo, persons: readonly Person[], { signal }: StageRun): Promise<readonly Principal[]> {
  const emails = new Map<number, string>()
  if (repo.client.graphqlThere)
    for (let start = 0; start < persons.length; start += 100) {
      const ids = persons.slice(start, start + 100).map((person) => person.node_id)
      const verified = repo.organization ? 'organizationVerifiedDomainEmails(login: $owner)' : ''
      const query = `query ($ids: [ID!]!${repo.organization ? ', $owner: String!' : ''}) { nodes(ids: $ids) { ... on User { databaseId email ${verified} } } }`
      const call = {
        signal,
        what: `addresses of people in ${repo.owner}`,
        params: { ids, ...(repo.organization ? { owner: repo.owner } : {}) },
      }
      try {
        const { nodes } = await repo.client.graphql<{ nodes: readonly (ProfileNode | null)[] }>(query, call)
        for (const node of nodes) {
          const email = node?.organizationVerifiedDomainEmails?.[0] ?? node?.email
          if (node?.databaseId && email && !email.endsWith('@users.noreply.github.com'))
            emails.set(node.databaseId, email)
        }
      } catch (error) {
        if (!concernsPart(error)) throw error
      }
    }
  return persons.map(({ id }) => {
    const email = emails.get(id)
    return { type: 'user', id: `github:user:${id}`, ...(email === undefined ? {} : { email }) }
  })
}
