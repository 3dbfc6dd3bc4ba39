import { createHmac, randomUUID } from 'node:crypto'
import { FakeGitHub } from '../../../../../plugins/github/test/fake/server.ts'
import type { Stand } from '../life.ts'

const token = 'ghp_life_4c1d77'

/** A private repository with two files. */
export async function githubStand(): Promise<Stand & { readonly hub: FakeGitHub }> {
  const hub = await new FakeGitHub().start()
  const ann = hub.account('ann', 'User', 'ann@example.com')
  const bob = hub.account('bob', 'User', 'bob@example.com')
  const acme = hub.account('acme', 'Organization')
  hub.tokens.set(token, 'ann')
  hub.writers.add('ann')
  const repo = hub.repo(acme, 'docs')
  repo.visibility = 'private'
  repo.collaborators.add(ann.id)
  repo.commit({ 'guide/pets.md': '# Pets\n\nFeed the axolotl.', 'old.txt': 'The gecko climbs.' })
  let reads = 0
  hub.faults.push(({ path, body = '' }) => {
    if (/^codeload:|\/git\/blobs\//.test(path) || body.includes('isBinary')) reads++
    return undefined
  })
  const config = { repos: ['acme/docs'], apiUrl: hub.url }
  return {
    hub,
    config,
    badConfig: { ...config, repos: ['acme/nothing'] },
    credentials: { method: 'token', token },
    badCredentials: { method: 'token', token: 'ghp_life_revoked' },
    secret: token,
    kept: 'acme/docs/guide/pets.md',
    dropped: 'acme/docs/old.txt',
    browse: { shows: 'acme' },
    write: (word) => repo.edit({ 'guide/pets.md': `# Pets\n\nFeed the ${word}.` }),
    drop: () => repo.edit({ 'old.txt': null }),
    contentReads: () => reads,
    reader: 'bob@example.com',
    admit: (isIn) => (isIn ? repo.collaborators.add(bob.id) : repo.collaborators.delete(bob.id)),
    hook: {
      body: () =>
        JSON.stringify({
          ref: 'refs/heads/main',
          after: repo.head,
          repository: { id: repo.id, full_name: repo.fullName, default_branch: 'main' },
        }),
      sign: (body, secret) => ({
        'X-GitHub-Event': 'push',
        'X-GitHub-Delivery': deliveryOf(body),
        'X-Hub-Signature-256': `sha256=${createHmac('sha256', secret).update(body).digest('hex')}`,
      }),
    },
    close: () => hub.stop(),
  }
}

const deliveries = new Map<string, string>()

/** A delivery that is sent again keeps its number. */
function deliveryOf(body: string): string {
  const known = deliveries.get(body) ?? randomUUID()
  deliveries.set(body, known)
  return known
}
