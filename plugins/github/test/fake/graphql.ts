import { schema as github } from '@octokit/graphql-schema'
import { buildSchema, execute, type GraphQLSchema, parse, validate } from 'graphql'
import type { Ask, Reply } from './http.ts'
import type { FakeComment, FakeIssue, FakeRepo } from './model.ts'
import type { FakeGitHub } from './server.ts'

let schema: GraphQLSchema | undefined

/** Answers a query by GitHub's own published schema: one that GitHub would refuse is refused here. */
export async function runQuery(hub: FakeGitHub, ask: Ask): Promise<Reply> {
  schema ??= buildSchema(github.idl, { assumeValid: true, assumeValidSDL: true })
  const { query, variables } = JSON.parse(ask.body) as { query: string; variables?: Record<string, unknown> }
  const document = parse(query)
  const errors = validate(schema, document)
  if (errors.length > 0) return { status: 200, body: { errors: errors.map(({ message }) => ({ message })) } }
  const rootValue = {
    repository: ({ owner, name }: { owner: string; name: string }) => {
      const found = hub.repos.find((repo) => repo.fullName.toLowerCase() === `${owner}/${name}`.toLowerCase())
      return found && hub.sees(ask, found) ? repository(found) : null
    },
    nodes: ({ ids }: { ids: readonly string[] }) =>
      ids.map((id) => {
        const account = hub.accounts.find((one) => `U_${one.id}` === id)
        return (
          account && {
            __typename: 'User',
            databaseId: account.id,
            email: account.email ?? '',
            organizationVerifiedDomainEmails: [],
          }
        )
      }),
  }
  const result = await execute({ schema, document, rootValue, variableValues: variables })
  return { status: 200, body: JSON.parse(JSON.stringify(result)) }
}

const actor = (login: string) => ({ __typename: 'User', login })
const list = (nodes: readonly unknown[]) => ({
  nodes,
  pageInfo: { hasNextPage: false, endCursor: null },
  totalCount: nodes.length,
})

/** A connection with GitHub's cap of 100 a page. */
function connection(all: readonly unknown[]): (args: { first?: number; after?: string }) => unknown {
  return ({ first = 0, after }) => {
    if (first > 100) throw new Error('Requesting more than 100 records exceeds the `first` limit of 100 records.')
    const start = Number(after ?? 0)
    const end = start + first
    return {
      nodes: all.slice(start, end),
      totalCount: all.length,
      pageInfo: { hasNextPage: end < all.length, endCursor: String(end) },
    }
  }
}

function repository(repo: FakeRepo): unknown {
  return {
    object: ({ oid }: { oid: string }) => {
      const blob = repo.git.blobs.get(oid)
      if (!blob) return null
      const isBinary = blob.includes(0)
      const isTruncated = blob.length > 512_000
      const text = isBinary ? null : blob.subarray(0, 512_000).toString()
      return { __typename: 'Blob', oid, byteSize: blob.length, isBinary, isTruncated, text }
    },
    issueOrPullRequest: ({ number }: { number: number }) => {
      const issue = repo.issues.find((one) => one.number === number)
      return issue ? thread(issue) : null
    },
    discussions: (args: { first: number; after?: string; orderBy?: { field: string; direction: string } }) => {
      const key = args.orderBy?.field === 'UPDATED_AT' ? 'updated_at' : 'created_at'
      const sorted = [...repo.discussions].sort((a, b) => a[key].localeCompare(b[key]))
      if (args.orderBy?.direction === 'DESC') sorted.reverse()
      return connection(sorted.map(discussion(repo)))(args)
    },
    discussion: ({ number }: { number: number }) => {
      const found = repo.discussions.find((one) => one.number === number)
      return found ? discussion(repo)(found) : null
    },
  }
}

const comment = (one: FakeComment) => ({
  author: actor(one.user),
  body: one.body,
  createdAt: one.created_at,
  path: one.path,
  replies: connection([]),
})

function thread(issue: FakeIssue): unknown {
  return {
    __typename: issue.pull ? 'PullRequest' : 'Issue',
    number: issue.number,
    title: issue.title,
    body: issue.body ?? '',
    state: issue.state.toUpperCase(),
    author: actor(issue.user),
    labels: list(issue.labels.map((name) => ({ name }))),
    createdAt: issue.created_at,
    comments: connection(issue.comments.map(comment)),
    reviews: connection(
      (issue.pull?.reviews ?? []).map((one) => ({
        author: actor(one.user),
        state: one.state,
        body: one.body,
        createdAt: '2026-01-02T00:00:00Z',
        comments: connection(one.comments.map(comment)),
      })),
    ),
  }
}

const discussion = (repo: FakeRepo) => (one: FakeIssue) => ({
  number: one.number,
  title: one.title,
  body: one.body ?? '',
  author: actor(one.user),
  createdAt: one.created_at,
  updatedAt: one.updated_at,
  url: `https://github.com/${repo.fullName}/discussions/${one.number}`,
  comments: connection(one.comments.map(comment)),
})
