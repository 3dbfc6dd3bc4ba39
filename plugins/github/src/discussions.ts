import { ConnectorError, type Content, type Entry, type Json, type Removed } from '@cx/core'
import { repoAcl } from './acl.ts'
import { type Repo, repoParams } from './repos.ts'
import { behind, type Stage, type StageRun } from './stage.ts'
import { nameOf, type Post, renderThread } from './thread.ts'

interface Page<T> {
  readonly nodes: readonly (T | null)[]
  readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string | null }
}
interface Comment {
  readonly author: { readonly login: string } | null
  readonly body: string
  readonly createdAt: string
  readonly replies?: Page<Comment>
}
interface Discussion {
  readonly number: number
  readonly title: string
  readonly author: { readonly login: string } | null
  readonly createdAt: string
  readonly updatedAt: string
  readonly url: string
}
interface WholeDiscussion extends Discussion {
  readonly body: string
  readonly comments: Page<Comment>
}

/** The newest change seen. */
type Mark = { readonly u: string }

const fields = 'number title author { login } createdAt updatedAt url'
const listQuery = `query ($owner: String!, $repo: String!, $after: String, $first: Int!, $field: DiscussionOrderField!, $direction: OrderDirection!) {
  repository(owner: $owner, name: $repo) {
    discussions(first: $first, after: $after, orderBy: { field: $field, direction: $direction }) {
      pageInfo { hasNextPage endCursor } nodes { ${fields} } } } }`
const comment = 'author { login } body createdAt'
const readQuery = `query ($owner: String!, $repo: String!, $number: Int!, $after: String) {
  repository(owner: $owner, name: $repo) { discussion(number: $number) { ${fields} body
    comments(first: 50, after: $after) { pageInfo { hasNextPage endCursor }
      nodes { ${comment} replies(first: 100) { pageInfo { hasNextPage endCursor } nodes { ${comment} } } } } } } }`

type Order = {
  readonly field: 'CREATED_AT' | 'UPDATED_AT'
  readonly direction: 'ASC' | 'DESC'
  readonly first?: number
}

async function* walk(repo: Repo, { signal }: StageRun, order: Order): AsyncGenerator<Discussion, void, void> {
  let after: string | null = null
  do {
    const params = { first: 100, ...order, ...repoParams(repo), after }
    const call = { signal, what: `discussions of ${repo.fullName}`, params }
    const answer: { repository: { discussions: Page<Discussion> } | null } = await repo.client.graphql(listQuery, call)
    const page = answer.repository?.discussions
    if (!page) throw new ConnectorError('forbidden', `Discussions of ${repo.fullName} cannot be read.`)
    for (const node of page.nodes) if (node) yield node
    after = page.pageInfo.hasNextPage ? page.pageInfo.endCursor : null
  } while (after !== null)
}

/** Discussions with their comments and replies; GitHub has them in GraphQL alone. */
export const discussions: Stage = {
  name: 'discussions',
  subtree: (repo) => `${repo.fullName}/discussions/`,

  async mark(repo, run) {
    for await (const newest of walk(repo, run, { field: 'UPDATED_AT', direction: 'DESC', first: 1 }))
      return { u: newest.updatedAt } satisfies Mark
    return { u: '' } satisfies Mark
  },

  list: (repo, _mark, run, after) =>
    behind(async function* () {
      for await (const discussion of walk(repo, run, { field: 'CREATED_AT', direction: 'ASC' }))
        yield toEntry(repo, discussion)
    }, after),

  async *since(repo, mark, run): AsyncGenerator<Entry | Removed, Json, void> {
    const { u } = mark as Mark
    let newest = u
    for await (const discussion of walk(repo, run, { field: 'UPDATED_AT', direction: 'DESC' })) {
      if (discussion.updatedAt < u) break
      if (discussion.updatedAt > newest) newest = discussion.updatedAt
      yield toEntry(repo, discussion)
    }
    return { u: newest } satisfies Mark
  },

  async read(repo, entry, { signal }): Promise<Content> {
    const { n: number } = entry.ref as { n: number }
    const posts: Post[] = []
    let after: string | null = null
    for (;;) {
      const call = { signal, what: entry.path, params: { ...repoParams(repo), number, after } }
      const answer: { repository: { discussion: WholeDiscussion | null } | null } = await repo.client.graphql(
        readQuery,
        call,
      )
      const found = answer.repository?.discussion
      if (!found) throw new ConnectorError('not_found', `${entry.path} is gone.`)
      for (const one of found.comments.nodes) posts.push(...postsOf(one!, entry))
      after = found.comments.pageInfo.endCursor
      if (!found.comments.pageInfo.hasNextPage || after === null) {
        const heading = `Discussion #${number} by ${nameOf(found.author)}, ${found.createdAt}`
        const { title, body } = found
        return renderThread({ title, heading, labels: [], body, posts }, `${repo.name}-discussion-${number}.md`)
      }
    }
  },
}

function postsOf(comment: Comment, entry: Entry): Post[] {
  const replies = comment.replies
  if (replies?.pageInfo.hasNextPage)
    throw new ConnectorError('unprocessable', `A comment in ${entry.path} has more than 100 replies.`)
  return [comment, ...(replies?.nodes ?? [])].map((one) => ({
    author: nameOf(one!.author),
    at: one!.createdAt,
    body: one!.body,
  }))
}

function toEntry(repo: Repo, discussion: Discussion): Entry {
  const { number, title, author } = discussion
  return {
    id: `${repo.id}#discussion/${number}`,
    path: `${repo.fullName}/discussions/${number}`,
    version: discussion.updatedAt,
    title,
    mimeType: 'text/markdown',
    createdAt: discussion.createdAt,
    updatedAt: discussion.updatedAt,
    url: discussion.url,
    ref: { k: 'discussions', n: number },
    acl: repoAcl(repo),
    metadata: { repository: repo.fullName, kind: 'discussion', number },
    ...(author ? { author: author.login } : {}),
  }
}
