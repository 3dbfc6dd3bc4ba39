import { ConnectorError, type Content } from '@cx/core'
import type { Call } from './client.ts'
import type { IssueJson } from './issues.ts'
import { type Repo, repoParams } from './repos.ts'
import type { StageRun } from './stage.ts'
import { nameOf, type Post, renderThread, type Thread } from './thread.ts'

interface Connection<T> {
  readonly nodes: readonly (T | null)[]
  readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string | null }
}
interface CommentNode {
  readonly author: { readonly login: string } | null
  readonly body: string
  readonly createdAt: string
  readonly path?: string
}
interface ReviewNode extends CommentNode {
  readonly state: string
  readonly comments: Connection<CommentNode>
}
interface ThreadNode {
  readonly __typename: 'Issue' | 'PullRequest'
  readonly number: number
  readonly title: string
  readonly body: string
  readonly issueState?: string
  readonly pullState?: string
  readonly author: { readonly login: string } | null
  readonly createdAt: string
  readonly labels: { readonly nodes: readonly ({ readonly name: string } | null)[] } | null
  readonly comments: Connection<CommentNode>
  readonly reviews?: Connection<ReviewNode>
}

const page = 'pageInfo { hasNextPage endCursor }'
const comment = 'author { login } body createdAt'
const common = `number title body author { login } createdAt labels(first: 50) { nodes { name } }
  comments(first: 100) { ${page} nodes { ${comment} } }`
// Twenty threads stay far below GitHub's cap of 500,000 nodes a query and its ten seconds.
const batchSize = 20
const gatherMs = 4

/** Threads asked for at about the same time, fetched by one query. */
export class ThreadBatch {
  readonly #repo: Repo
  readonly #signal: AbortSignal
  #asked = new Map<number, PromiseWithResolvers<ThreadNode | undefined>>()
  #timer: NodeJS.Timeout | undefined

  constructor(repo: Repo, signal: AbortSignal) {
    this.#repo = repo
    this.#signal = signal
  }

  get(number: number): Promise<ThreadNode | undefined> {
    let waiter = this.#asked.get(number)
    if (!waiter) {
      waiter = Promise.withResolvers()
      this.#asked.set(number, waiter)
      if (this.#asked.size >= batchSize) void this.#flush()
      else this.#timer ??= setTimeout(() => void this.#flush(), gatherMs)
    }
    return waiter.promise
  }

  async #flush(): Promise<void> {
    clearTimeout(this.#timer)
    this.#timer = undefined
    const asked = this.#asked
    this.#asked = new Map()
    const threads = [...asked.keys()].map((number) => `t${number}: issueOrPullRequest(number: ${number}) { ...thread }`)
    const query = `query ($owner: String!, $repo: String!) { repository(owner: $owner, name: $repo) { ${threads.join('\n')} } }
      fragment thread on IssueOrPullRequest { __typename ... on Issue { ${common} issueState: state }
        ... on PullRequest { ${common} pullState: state
        reviews(first: 50) { ${page} nodes { ${comment} state comments(first: 50) { ${page} nodes { ${comment} path } } } } } }`
    try {
      const call = { signal: this.#signal, what: `issues of ${this.#repo.fullName}`, params: repoParams(this.#repo) }
      const { repository } = await this.#repo.client.graphql<{ repository: Record<string, ThreadNode | null> | null }>(
        query,
        call,
      )
      for (const [number, waiter] of asked) waiter.resolve(repository?.[`t${number}`] ?? undefined)
    } catch (error) {
      for (const waiter of asked.values()) waiter.reject(error)
    }
  }
}

/** One issue or pull request with everything said in it. */
export async function readThread(repo: Repo, number: number, run: StageRun): Promise<Content> {
  const filename = `${repo.name}-${number}.md`
  if (repo.client.graphqlThere)
    try {
      const node = await run.session.threadsOf(repo).get(number)
      if (!node) throw new ConnectorError('not_found', `${repo.fullName}#${number} is gone.`)
      // The few that are longer than a page are read whole by REST: never half a conversation.
      if (isWhole(node)) return renderThread(fromNode(node), filename)
    } catch (error) {
      if (repo.client.graphqlThere) throw error
    }
  return renderThread(await byRest(repo, number, run), filename)
}

function isWhole({ comments, reviews }: ThreadNode): boolean {
  const cut = [comments, ...(reviews ? [reviews, ...reviews.nodes.map((review) => review!.comments)] : [])]
  return cut.every((connection) => !connection.pageInfo.hasNextPage)
}

function fromNode(node: ThreadNode): Thread {
  const toPost = (one: CommentNode, about?: string): Post => ({
    author: nameOf(one.author),
    at: one.createdAt,
    body: one.body,
    ...(about ? { about } : {}),
  })
  const reviews = (node.reviews?.nodes ?? []).flatMap((review) => [
    ...(review!.body.trim() === '' && review!.comments.nodes.length > 0
      ? []
      : [toPost(review!, `review: ${review!.state.toLowerCase()}`)]),
    ...review!.comments.nodes.map((one) => toPost(one!, `on ${one!.path}`)),
  ])
  return {
    title: node.title,
    heading: headingOf(
      node.__typename === 'PullRequest',
      node.number,
      nameOf(node.author),
      node.createdAt,
      node.pullState ?? node.issueState ?? '',
    ),
    labels: (node.labels?.nodes ?? []).map((label) => label!.name),
    body: node.body,
    posts: [...node.comments.nodes.map((one) => toPost(one!)), ...reviews],
  }
}

function headingOf(pull: boolean, number: number, author: string, at: string, state: string): string {
  return `${pull ? 'Pull request' : 'Issue'} #${number} by ${author}, ${at}, ${state.toLowerCase()}`
}

export interface RestComment {
  readonly user: { readonly login: string } | null
  readonly body?: string | null
  readonly created_at?: string
  readonly submitted_at?: string
  readonly state?: string
  readonly path?: string
}

async function byRest(repo: Repo, number: number, { signal }: StageRun): Promise<Thread> {
  const params = { ...repoParams(repo), number }
  const call: Call = { signal, what: `${repo.fullName}#${number}`, params }
  const { data: issue } = await repo.client.get<IssueJson>('/repos/{owner}/{repo}/issues/{number}', call)
  const posts: Post[] = []
  const pull = issue.pull_request !== undefined
  const parts = pull
    ? ['issues/{number}/comments', 'pulls/{number}/reviews', 'pulls/{number}/comments']
    : ['issues/{number}/comments']
  for (const part of parts)
    for await (const items of repo.client.pages<RestComment>(`/repos/{owner}/{repo}/${part}`, call))
      for (const one of items) {
        const about = one.path ? `on ${one.path}` : one.state ? `review: ${one.state.toLowerCase()}` : undefined
        posts.push({
          author: nameOf(one.user),
          at: one.created_at ?? one.submitted_at ?? '',
          body: one.body ?? '',
          ...(about ? { about } : {}),
        })
      }
  const labels = issue.labels.map((label) => (typeof label === 'string' ? label : (label.name ?? '')))
  const heading = headingOf(pull, number, nameOf(issue.user), issue.created_at, issue.state)
  return { title: issue.title, heading, labels, body: issue.body ?? '', posts }
}
