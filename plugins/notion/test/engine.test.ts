import { startEngine } from '@cx/testing'
import { expect, test } from 'vitest'
import notion from '../src/index.ts'
import { token } from './drive.ts'
import { capabilities, FakeNotion } from './fake-notion.ts'

test('by the engine: what search forgets stays, what is trashed goes, and a bad day deletes nothing', async () => {
  const fake = await new FakeNotion().start()
  fake.tokens.set(token, capabilities)
  const home = fake.page('Home', 'welcome')
  const child = fake.page('Child', 'small', { parent: fake.under(home) })
  fake.page('Other', 'text')
  home.body = `welcome <page url="${child.page.url}">Child</page>`
  await using engine = await startEngine(notion, {
    config: { apiUrl: fake.url, access: 'readers', readers: ['ann@example.com'] },
    credentials: { method: 'token', token },
  })
  try {
    expect(await engine.sync()).toMatchObject({ status: 'completed', progress: { indexed: 3, failed: 0 } })
    expect(engine.text('Home/Child.md')).toContain('small')

    child.hidden = true
    child.textless = true
    fake.resultCap = 1
    expect((await engine.sync({ mode: 'full' })).status).toBe('partial')
    expect(engine.indexed).toBe(3)
    fake.resultCap = 10_000
    child.textless = false
    expect(await engine.sync({ mode: 'full' })).toMatchObject({ progress: { deleted: 0 } })
    expect(engine.indexed).toBe(3)

    fake.trash(child)
    child.hidden = false
    expect(await engine.sync()).toMatchObject({ status: 'completed', progress: { deleted: 1 } })

    fake.tokens.set(token, ['read_users'])
    expect(await engine.sync({ mode: 'full' })).toMatchObject({ status: 'failed', error: { code: 'forbidden' } })
    fake.tokens.delete(token)
    expect(await engine.sync()).toMatchObject({ status: 'failed', error: { code: 'unauthenticated' } })
    fake.tokens.set(token, capabilities)
    fake.workspaceId = 'another'
    fake.pages.clear()
    expect(await engine.sync({ mode: 'full' })).toMatchObject({ status: 'failed', error: { code: 'misconfigured' } })
    expect(engine.indexed).toBe(2)
  } finally {
    await fake.stop()
  }
}, 40_000)
