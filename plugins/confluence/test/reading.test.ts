import { expect, it } from 'vitest'
import { drive, fakeSite } from './drive.ts'

it.each(['cloud', 'data_center'] as const)('%s: a page with labels, a mention and its comments', async (flavour) => {
  const fake = await fakeSite(flavour)
  const { model } = fake
  const user = flavour === 'cloud' ? 'ri:account-id="u-bob"' : 'ri:userkey="u-bob"'
  const page = model.page('ENG', 'Plan *B*', `<p>ask <ac:link><ri:user ${user}/></ac:link></p>`, {
    labels: ['draft', 'q3'],
  })
  model.add('comment', 'ENG', '', {
    containerId: page.id,
    body: '<p>Really?</p>',
    author: 'u-bob',
    createdAt: Date.UTC(2026, 4, 1),
    about: 'ask',
  })
  model.add('comment', 'ENG', '', { containerId: page.id, body: '<p>First.</p>', createdAt: Date.UTC(2026, 3, 1) })
  const site = await drive(fake, { config: { includeComments: true, includeLabels: true } })
  expect(await site.textAt('ENG/Plan *B*.md')).toBe(`---
labels: ["draft","q3"]
---

# Plan \\*B\\*

ask @Bob

## Comments

**Ada Lovelace**, 2026-04-01:

First.

**Bob**, 2026-05-01, on “ask”:

Really?
`)
})

it.each(['cloud', 'data_center'] as const)('%s: answers stand behind what they answer', async (flavour) => {
  const fake = await fakeSite(flavour)
  const { model } = fake
  const page = model.page('ENG', 'A', '')
  const say = (body: string, day: number, parentId?: string) =>
    model.add('comment', 'ENG', '', { containerId: page.id, body, createdAt: Date.UTC(2026, 3, day), parentId })
  const first = say('<p>one</p>', 1)
  say('<p>two</p>', 2)
  const answer = say('<p>to one</p>', 3, first.id)
  say('<p>to the answer</p>', 4, answer.id)
  const site = await drive(fake, { config: { includeComments: true } })
  expect((await site.textAt('ENG/A.md')).replace(/\*\*Ada Lovelace\*\*, /g, '')).toBe(
    '# A\n\n## Comments\n\n2026-04-01:\n\none\n\n> 2026-04-03:\n>\n> to one\n\n' +
      '> > 2026-04-04:\n> >\n> > to the answer\n\n2026-04-02:\n\ntwo\n',
  )
})

it('reads one by one what cannot be read together', async () => {
  const fake = await fakeSite()
  for (const title of ['A', 'B', 'C']) fake.model.page('ENG', title, `<p>${title}</p>`)
  fake.intercept = ({ path, query }) =>
    path === '/api/v2/pages' && query.has('body-format') ? new Response('', { status: 504 }) : undefined
  const site = await drive(fake)
  const entries = await site.list()
  expect(await Promise.all(entries.map((entry) => site.text(entry)))).toEqual([
    '# A\n\nA\n',
    '# B\n\nB\n',
    '# C\n\nC\n',
  ])
})

it('asks for a page alone where nobody is mentioned', async () => {
  const fake = await fakeSite()
  fake.model.page('ENG', 'A', '<p>a</p>')
  const site = await drive(fake)
  const [entry] = await site.list()
  const before = fake.calls.length
  expect(await site.text(entry!)).toBe('# A\n\na\n')
  expect(fake.calls.length - before).toBe(1)
})

it('shows nobody by name where people may not be looked up', async () => {
  const fake = await fakeSite()
  fake.model.page('ENG', 'A', '<p><ac:link><ri:user ri:account-id="u-bob"/></ac:link></p>')
  fake.intercept = ({ path }) => (path === '/api/v2/users-bulk' ? new Response('', { status: 403 }) : undefined)
  expect(await (await drive(fake)).textAt('ENG/A.md')).toContain('@unknown user')
})

it('makes Markdown of what Confluence shows, when asked to', async () => {
  const fake = await fakeSite()
  fake.model.page('ENG', 'A', '<h2>Seen</h2><p>by <b>all</b></p>')
  const site = await drive(fake, { config: { bodySource: 'view' } })
  const [entry] = await site.list()
  expect(entry!.version).not.toBe((await (await drive(fake)).list())[0]!.version)
  expect(await site.text(entry!)).toContain('## Seen\n\nby **all**')
})

it.each(['cloud', 'data_center'] as const)(
  '%s: an attachment, without credentials at the signed address',
  async (flavour) => {
    const fake = await fakeSite(flavour)
    const page = fake.model.page('ENG', 'A', '')
    fake.model.add('attachment', 'ENG', 'x y.txt', {
      containerId: page.id,
      bytes: new TextEncoder().encode('inside'),
      mediaType: 'text/plain',
    })
    const site = await drive(fake, { config: { includeAttachments: true } })
    const entry = (await site.list()).find(({ path }) => path === 'ENG/A/x y.txt')!
    expect(await site.read(entry)).toMatchObject({ mimeType: 'text/plain', filename: 'x y.txt' })
    expect(await site.text(entry)).toBe('inside')
  },
)

it('Data Center: takes no sign-in page for an attachment', async () => {
  const fake = await fakeSite('data_center')
  const page = fake.model.page('ENG', 'A', '')
  const file = { containerId: page.id, bytes: new Uint8Array(9), mediaType: 'application/pdf' }
  fake.model.add('attachment', 'ENG', 'x.pdf', file)
  const html = { containerId: page.id, bytes: new TextEncoder().encode('<p>x</p>'), mediaType: 'text/html' }
  fake.model.add('attachment', 'ENG', 'x.html', html)
  const site = await drive(fake, { config: { includeAttachments: true } })
  const entries = await site.list()
  const at = (path: string) => entries.find((entry) => entry.path === path)!
  fake.intercept = ({ path }) =>
    path.endsWith(at('ENG/A/x.pdf').id)
      ? new Response('<html>Log in</html>', { headers: { 'content-type': 'text/html;charset=UTF-8' } })
      : undefined
  await expect(site.read(at('ENG/A/x.pdf'))).rejects.toMatchObject({ code: 'forbidden' })
  expect(await site.text(at('ENG/A/x.html'))).toBe('<p>x</p>')
})

it('fails one document alone for what Confluence takes exception to, and the run for a call that is no more', async () => {
  const fake = await fakeSite()
  fake.model.page('ENG', 'A', '')
  const site = await drive(fake)
  const [entry] = await site.list()
  fake.intercept = ({ query }) =>
    query.has('body-format')
      ? Response.json({ errors: [{ status: 400, title: 'No such body' }] }, { status: 400 })
      : undefined
  await expect(site.read(entry!)).rejects.toMatchObject({ code: 'unprocessable' })
  fake.intercept = () => Response.json({ errors: [{ status: 410, title: 'Gone' }] }, { status: 410 })
  await expect(site.read(entry!)).rejects.toMatchObject({ code: 'misconfigured' })
})

it('says that a page in the bin is gone, in either way the product says it', async () => {
  for (const flavour of ['cloud', 'data_center'] as const) {
    const fake = await fakeSite(flavour)
    const page = fake.model.page('ENG', 'A', '')
    const site = await drive(fake)
    const [entry] = await site.list()
    fake.model.trash(page)
    await expect(site.read(entry!)).rejects.toMatchObject({ code: 'not_found' })
    fake.model.contents.delete(page.id)
    await expect(site.read(entry!)).rejects.toMatchObject({ code: 'not_found' })
  }
})

it('Data Center: takes the shown body of a page whose storage cannot be had', async () => {
  const fake = await fakeSite('data_center')
  fake.model.page('ENG', 'A', '<p>shown</p>')
  fake.intercept = ({ path, query }) =>
    path.startsWith('/rest/api/content') && query.get('expand')?.includes('body.storage')
      ? new Response('', { status: 500 })
      : undefined
  expect(await (await drive(fake)).textAt('ENG/A.md')).toBe('# A\n\nshown\n')
})

it('stores nothing partial when comments cannot be read', async () => {
  const fake = await fakeSite()
  const page = fake.model.page('ENG', 'A', '<p>a</p>')
  fake.model.add('comment', 'ENG', '', { containerId: page.id, body: '<p>c</p>' })
  const site = await drive(fake, { config: { includeComments: true } })
  const [entry] = await site.list()
  fake.intercept = ({ query }) =>
    query.get('cql')?.includes('container =') ? new Response('', { status: 500 }) : undefined
  await expect(site.read(entry!)).rejects.toMatchObject({ code: 'unavailable' })
})

it.each(['cloud', 'data_center'] as const)(
  '%s: reads 120 pages side by side in 3 calls, a broken one by itself',
  async (flavour) => {
    const fake = await fakeSite(flavour)
    for (let i = 0; i < 120; i++) fake.model.page('ENG', `P${i}`, `<p>text ${i}</p>`)
    const site = await drive(fake)
    const entries = await site.list()
    const before = fake.calls.length
    const texts = await Promise.all(entries.map((entry) => site.text(entry)))
    expect(texts).toEqual(entries.map(({ title }, i) => `# ${title}\n\ntext ${i}\n`))
    expect(fake.calls.length - before).toBe(3)
    const gone = fake.model.contents.get(entries[7]!.id)!
    fake.model.trash(gone)
    const again = await Promise.allSettled(entries.slice(0, 20).map((entry) => site.text(entry)))
    expect(again.map(({ status }) => status).filter((status) => status === 'rejected')).toHaveLength(1)
    expect(again[7]).toMatchObject({ reason: { code: 'not_found' } })
  },
)
