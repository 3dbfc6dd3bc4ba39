import { createHmac } from 'node:crypto'
import { capabilities, FakeNotion } from '../../../../../plugins/notion/test/fake-notion.ts'
import type { Stand } from '../life.ts'

const token = 'ntn_life-77c1e0'

/** A page with another one below it, in a workspace whose members may read. */
export async function notionStand(): Promise<Stand & { readonly notion: FakeNotion }> {
  const notion = await new FakeNotion().start()
  notion.tokens.set(token, capabilities)
  notion.people.push({ id: 'u-ann', name: 'Ann', email: 'ann@example.com' })
  const bob = { id: 'u-bob', name: 'Bob', email: 'bob@example.com' }
  const pets = notion.page('Pets', 'Feed the axolotl.')
  const old = notion.page('Old', 'The gecko climbs.', { parent: notion.under(pets) })
  const config = { apiUrl: notion.url, rootPages: [pets.page.id], access: 'workspace' }
  let events = 0
  return {
    notion,
    config,
    badConfig: { ...config, rootPages: ['99999999-0000-4000-8000-000000000009'] },
    credentials: { method: 'token', token },
    badCredentials: { method: 'token', token: 'ntn_life-revoked' },
    secret: token,
    kept: 'Pets.md',
    dropped: 'Pets/Old.md',
    browse: { shows: 'Pets' },
    write: (word) => {
      notion.edit(pets, `Feed the ${word}.`)
      events++
    },
    drop: () => notion.trash(old),
    contentReads: () => notion.count('GET pages/:id/markdown'),
    reader: 'bob@example.com',
    admit: (isIn) => {
      notion.people.splice(1, 1, ...(isIn ? [bob] : []))
    },
    hook: {
      body: () =>
        JSON.stringify({
          id: `367cba44-b6f3-4c92-81e7-${String(events).padStart(12, '0')}`,
          timestamp: '2026-02-05T09:49:46.932Z',
          workspace_id: notion.workspaceId,
          type: 'page.content_updated',
          attempt_number: 1,
          entity: { id: pets.page.id, type: 'page' },
          data: {},
        }),
      sign: (body, secret) => ({
        'X-Notion-Signature': `sha256=${createHmac('sha256', secret).update(body).digest('hex')}`,
      }),
      handshake: (secret) => JSON.stringify({ verification_token: secret }),
    },
    close: () => notion.stop(),
  }
}
