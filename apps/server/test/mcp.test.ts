import { Client } from '@modelcontextprotocol/sdk/client/index.js'
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { newClub } from './club/state.ts'
import { type Running, start } from './harness.ts'

interface Found {
  readonly results: readonly {
    readonly id: string
    readonly title: string
    readonly url: string
    readonly text: string
  }[]
}

const person = (id: string, email: string) => ({ type: 'user', id, email }) as const

describe('the Model Context Protocol, by the official client', () => {
  let cx: Running
  const keys: Record<string, string> = {}

  const as = async <T>(key: string, use: (client: Client) => Promise<T>): Promise<T> => {
    const client = new Client({ name: 'test', version: '1' })
    const transport = new StreamableHTTPClientTransport(new URL(`${cx.url}/mcp`), {
      requestInit: { headers: { Authorization: `Bearer ${keys[key] ?? key}` } },
    })
    await client.connect(transport as Parameters<Client['connect']>[0])
    try {
      return await use(client)
    } finally {
      await client.close()
    }
  }
  const call = (key: string, name: string, args: Record<string, unknown>) =>
    as(key, async (client) => {
      // Listing makes the client check answers against the declared shapes.
      await client.listTools()
      const answer = await client.callTool({ name, arguments: args })
      const { content, structuredContent, isError } = answer as {
        readonly content: readonly { readonly text: string }[]
        readonly structuredContent?: unknown
        readonly isError?: boolean
      }
      return { text: content[0]!.text, structuredContent, isError }
    })
  const search = async (key: string, args: Record<string, unknown>) =>
    (JSON.parse((await call(key, 'search', args)).text) as Found).results

  beforeAll(async () => {
    newClub([
      {
        id: '1',
        path: 'open.txt',
        text: 'The walrus & the carpenter: "everyone" may read.',
        acl: { allOf: [[{ type: 'anyone' }]] },
      },
      { id: '2', path: 'ann.txt', text: 'A walrus for Ann.', acl: { allOf: [[person('u1', 'ann@example.com')]] } },
      { id: '3', path: 'nobody.txt', text: 'A walrus for nobody.' },
    ])
    cx = await start({ CX_PLUGINS: new URL('./club/plugin.ts', import.meta.url).href })
    keys.all = cx.key
    const { data } = await cx.call('POST', '/connectors', { name: 'c', type: 'club', collection: 'zoo', config: {} })
    await cx.sync(data.id)
    await cx.wait(data.id, (await cx.call('POST', `/connectors/${data.id}/refresh-permissions`)).data.jobId)
    await cx.call('POST', '/collections', { name: 'empty' })
    const make = async (name: string, body: object) => {
      keys[name] = (await cx.call('POST', '/api-keys', { name, role: 'viewer', ...body })).data.key
    }
    await make('plain', {})
    await make('ann', { scopes: ['principal:ann@example.com'] })
    await make('elsewhere', { scopes: ['search:all'], collections: ['empty'] })
  })
  afterAll(() => cx?.close())

  test('lists two tools that only read', async () => {
    const { tools } = await as('all', (client) => client.listTools())
    expect(tools.map(({ name, annotations }) => [name, annotations?.readOnlyHint])).toEqual([
      ['search', true],
      ['fetch', true],
    ])
  })

  test('search and fetch answer in the shape that connectors expect', async () => {
    const answer = await call('all', 'search', { query: 'walrus' })
    expect(answer.structuredContent).toEqual(JSON.parse(answer.text))
    const results = await search('all', { query: 'carpenter' })
    expect(results).toEqual([
      {
        id: expect.stringMatching(/^doc_/),
        title: 'open.txt',
        url: expect.stringMatching(new RegExp(`^${cx.url}/api/v1/connectors/conn_.*/documents/doc_.*/content$`)),
        text: 'The walrus & the carpenter: "everyone" may read.',
      },
    ])
    const { text } = await call('all', 'fetch', { id: results[0]!.id })
    expect(JSON.parse(text)).toMatchObject({
      ...results[0],
      metadata: { path: 'open.txt', contentType: 'text/plain', connector: expect.stringMatching(/^conn_/) },
    })
  })

  test('finds and reads what the person may, and nothing else', async () => {
    const titles = async (key: string, args: object) =>
      (await search(key, { query: 'walrus', ...args })).map(({ title }) => title).sort()
    expect(await titles('all', {})).toEqual(['ann.txt', 'nobody.txt', 'open.txt'])
    expect(await titles('plain', { principal: 'ann@example.com' })).toEqual(['ann.txt', 'open.txt'])
    expect(await titles('plain', { principal: 'bob@example.com' })).toEqual(['open.txt'])
    expect(await titles('ann', {})).toEqual(['ann.txt', 'open.txt'])
    expect(await titles('elsewhere', {})).toEqual([])
    const ids = new Map((await search('all', { query: 'walrus' })).map(({ title, id }) => [title, id]))
    const reads = async (key: string, title: string, args: object = {}) =>
      !(await call(key, 'fetch', { id: ids.get(title), ...args })).isError
    expect(await reads('ann', 'ann.txt')).toBe(true)
    expect(await reads('ann', 'nobody.txt')).toBe(false)
    expect(await reads('plain', 'ann.txt', { principal: 'bob@example.com' })).toBe(false)
    expect(await reads('elsewhere', 'open.txt')).toBe(false)
  })

  test('a key must say for whom it reads, and one that is bound reads for nobody else', async () => {
    const unnamed = await call('plain', 'search', { query: 'walrus' })
    expect(unnamed).toMatchObject({ isError: true, text: expect.stringContaining('search:all') })
    const other = await call('ann', 'search', { query: 'walrus', principal: 'bob@example.com' })
    expect(other).toMatchObject({ isError: true, text: expect.stringContaining('ann@example.com alone') })
    // The same holds for the API.
    const body = { query: 'walrus' }
    const over = await cx.call('POST', '/search', body, { key: keys.ann! })
    expect(over.data.results.map(({ path }) => path).sort()).toEqual(['ann.txt', 'open.txt'])
    expect((await cx.call('POST', '/search', { ...body, principal: 'x' }, { key: keys.ann! })).status).toBe(403)
  })

  test('what is wrong is said: arguments, tools, keys', async () => {
    expect(await call('all', 'search', { query: 7, colour: 'red' })).toMatchObject({ isError: true })
    expect((await call('all', 'cake', {})).text).toContain('search and fetch')
    expect((await call('all', 'fetch', { id: 'doc_nope' })).isError).toBe(true)
    await expect(as('nonsense', (client) => client.listTools())).rejects.toThrow(/API key/)
    const stream = await fetch(`${cx.url}/mcp`, { headers: { Authorization: `Bearer ${cx.key}` } })
    expect([stream.status, stream.headers.get('allow')]).toEqual([405, 'POST'])
  })

  test('pages of unknown origins are turned away, as the protocol asks', async () => {
    const status = async (origin: string) => {
      const { status } = await fetch(`${cx.url}/mcp`, {
        method: 'POST',
        headers: {
          Authorization: `Bearer ${cx.key}`,
          'Content-Type': 'application/json',
          Accept: 'application/json, text/event-stream',
          Origin: origin,
        },
        body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/list' }),
      })
      return status
    }
    for (const origin of [
      'http://rebind.example:8080',
      'https://evil.example',
      'null',
      'http://127.0.0.1.evil.example',
    ])
      expect(await status(origin), origin).toBe(403)
    for (const origin of ['http://localhost:6274', 'http://127.0.0.1:1', 'http://[::1]:3000'])
      expect(await status(origin), origin).toBe(200)
  })
})
