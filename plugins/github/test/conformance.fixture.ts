import type { Fixture, SampleDelivery } from '@cx/testing'
import { FakeGitHub } from './fake/server.ts'

const token = 'ghp_conformance_7f3a9c'

/** An organisation's private repository; keys of the kit are its file names. */
export const fixture: Fixture = {
  name: 'GitHub on loopback',
  waive: {
    'edits.read_gone':
      'Git keeps what a commit holds: a listed file reads as it was listed, and leaves the index with the next sync.',
  },
  // Trees are cut at 5 entries here; uncut, a repository takes 3 calls.
  // A check asks for the repository, its head, one collaborator, and who we are.
  budgets: { check: 4, list: (entries) => 5 + Math.ceil(entries / 3), unchanged: 2, acls: () => 1, read: 2 },

  async start() {
    const hub = await new FakeGitHub().start()
    const ann = hub.account('ann', 'User', 'ann@example.com')
    const acme = hub.account('acme', 'Organization')
    hub.tokens.set(token, 'ann')
    hub.writers.add('ann')
    const repo = hub.repo(acme, 'docs')
    repo.visibility = 'private'
    repo.collaborators.add(ann.id)
    repo.commit({})
    const repository = { id: repo.id, full_name: 'acme/docs', default_branch: 'main' }
    // Small answers: trees are cut, so that a listing takes several calls to break.
    hub.treeLimit = 5
    return {
      config: { repos: ['acme/docs'], apiUrl: hub.url },
      alternatives: [
        { repos: ['acme/*', String(repo.id)], apiUrl: hub.url, branch: 'main', pathFilter: '**', lfs: 'fetch' },
        {
          repos: ['acme/docs'],
          apiUrl: hub.url,
          includeFiles: true,
          includeIssues: true,
          includePullRequests: true,
          state: 'all',
        },
        { repos: ['acme/docs'], apiUrl: hub.url, includeDiscussions: true, includeReleases: true, includeWiki: true },
        { repos: ['acme/*'], apiUrl: hub.url, includeForks: true, includeArchived: false, rateLimitReserve: 10 },
      ],
      badConfig: { repos: ['acme/nothing'], apiUrl: hub.url },
      credentials: { method: 'token', token },
      badCredentials: { method: 'token', token: 'ghp_conformance_revoked' },
      pathOf: (key) => `acme/docs/${key}`,
      put: async (key, content) => void repo.edit({ [key]: content }),
      putAll: async (documents) =>
        void repo.edit(Object.fromEntries(documents.map(({ key, content }) => [key, content]))),
      rename: async (from, to) => repo.rename(from, to),
      truncate: async () => {
        hub.treeLimit = 2
      },
      expireCursors: async () => repo.forgetHistory(),
      big: {
        entries: async (count) => {
          hub.treeLimit = 100_000
          repo.commit(
            Object.fromEntries(Array.from({ length: count }, (_, index) => [`many/${index}.txt`, `file ${index}`])),
          )
        },
      },
      webhook: {
        secret: 'webhook-secret-5d21',
        deliveries: [
          delivery('push', { ref: 'refs/heads/main', repository }, 'resync'),
          delivery('push', { ref: 'refs/heads/other', repository }, 'ignored'),
          delivery(
            'push',
            { ref: 'refs/heads/main', repository: { ...repository, full_name: 'acme/other', id: 1 } },
            'ignored',
          ),
          delivery('issues', { action: 'opened', issue: { number: 7 }, repository }, 'ignored'),
          delivery('repository', { action: 'publicized', repository }, 'resync'),
          delivery('ping', { zen: 'Keep it logically awesome.' }, 'ignored'),
        ],
      },
      remove: async (key) => void repo.edit({ [key]: null }),
      close: () => hub.stop(),
    }
  },
}

function delivery(event: string, payload: object, expect: SampleDelivery['expect']): SampleDelivery {
  const id = `${event}-72d3162e-cc78-11e3-81ab-4c9367dc0958`
  return { headers: { 'x-github-event': event, 'x-github-delivery': id }, body: JSON.stringify(payload), expect }
}
