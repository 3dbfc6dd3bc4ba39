import { expect, it } from 'vitest'
import { createMemorySource, memoryConfig, openConnector, startEngine } from '../src/index.ts'

it('opens a connector as a host does, its verbs in plain form', async () => {
  const source = createMemorySource()
  source.put('a.md', 'first')
  source.put('b.md', 'second')
  await using memory = await openConnector(source.connector, { config: memoryConfig })
  expect(await memory.paths()).toEqual(['a.md', 'b.md'])
  const [a, b] = await memory.list()
  expect([await memory.text(a), (await memory.bytes(b)).toString()]).toEqual(['first', 'second'])
  const cursor = await memory.now()
  source.put('a.md', 'changed')
  source.remove('b.md')
  const { upserts, gone, next } = await memory.since(cursor)
  expect([upserts.map(({ path }) => path), gone]).toEqual([['a.md'], [b?.id]])
  expect((await memory.since(next)).upserts).toEqual([])
  expect([...(await memory.acls([a!])).keys()]).toEqual([a?.id])
  source.deny('a.md')
  await memory.list()
  expect(memory.unreadable.map(({ path }) => path)).toEqual(['a.md'])
  await expect(memory.text(undefined)).rejects.toThrow('no such entry')
})

it('refuses a configuration with every problem, and what the connector does not declare', async () => {
  const { connector } = createMemorySource()
  const refused = await openConnector(connector, { config: { space: 5, nonsense: true } }).catch(String)
  for (const problem of ['/nonsense is not a known field', '/space must be string']) expect(refused).toContain(problem)
  const { browse: _, ...plain } = connector
  await using memory = await openConnector(plain, { config: memoryConfig })
  expect(() => memory.browse()).toThrow('declares no `browse`')
})

it('runs the real engine over a connector', async () => {
  const source = createMemorySource({ token: 'secret-token-1' })
  for (let i = 0; i < 8; i++) source.put(`${i}.md`, `text ${i}`)
  await using engine = await startEngine(source.connector, {
    config: memoryConfig,
    credentials: { method: 'token', token: 'secret-token-1' },
  })
  expect(await engine.sync()).toMatchObject({ status: 'completed', progress: { listed: 8, indexed: 8 } })
  source.put('1.md', 'changed')
  source.remove('2.md')
  expect(await engine.sync()).toMatchObject({ status: 'completed', progress: { indexed: 1, deleted: 1 } })
  expect([engine.indexed, engine.text('1.md'), engine.text('2.md')]).toEqual([7, 'changed', undefined])
})
