import { createServer, type Server } from 'node:http'
import { type AddressInfo, connect as connectSocket } from 'node:net'
import { text } from 'node:stream/consumers'
import { defineConnector } from '@cx/core'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { type Address, createEgress, type Egress, type EgressOptions } from '../src/egress/guard.ts'
import { guardConnector } from '../src/egress/guard-connectors.ts'
import { createPolicy } from '../src/egress/policy.ts'

const refused = {
  always: [
    '169.254.169.254',
    '169.254.170.2',
    'fd00:ec2::254',
    '100.100.100.200',
    '::ffff:169.254.169.254',
    '::ffff:a9fe:a9fe',
    '64:ff9b::a9fe:a9fe',
    '2002:a9fe:a9fe::1',
    '::169.254.169.254',
    '0.0.0.0',
    '::',
    '::ffff:0.0.0.0',
    '255.255.255.255',
    '224.0.0.1',
    'ff02::1',
    'nonsense',
  ],
  unlessAllowed: ['169.254.1.1', 'fe80::1', '240.0.0.1', '192.0.2.1', '2001:db8::1'],
  loopback: ['127.0.0.1', '127.9.9.9', '::1', '::ffff:127.0.0.1'],
  private: ['10.1.2.3', '172.16.0.1', '192.168.1.1', '100.64.0.1', 'fd12::1', '::ffff:10.0.0.1', '64:ff9b::a00:1'],
}
const everyone = ['93.184.215.14', '2606:2800:21f:cb07::1', '::ffff:93.184.215.14']

describe('addresses', () => {
  const allowsAll = (options: Parameters<typeof createPolicy>[0], addresses: readonly string[]) =>
    addresses.filter((address) => createPolicy(options).refuseAddress(address) === undefined)

  test('connectors reach public and private ones, loopback only on request', () => {
    const shut = { audience: 'connector', loopback: false, allow: [] } as const
    expect(allowsAll(shut, everyone)).toEqual(everyone)
    expect(allowsAll(shut, refused.private)).toEqual(refused.private)
    expect(allowsAll(shut, [...refused.always, ...refused.unlessAllowed, ...refused.loopback])).toEqual([])
    expect(allowsAll({ ...shut, loopback: true }, refused.loopback)).toEqual(refused.loopback)
  })

  test('webhooks reach public ones alone', () => {
    const options = { audience: 'webhook', loopback: true, allow: [] } as const
    expect(allowsAll(options, everyone)).toEqual(everyone)
    expect(allowsAll(options, Object.values(refused).flat())).toEqual([])
  })

  test('what an operator allows is allowed, but for metadata services', () => {
    const allow = ['0.0.0.0/0', '::/0']
    for (const audience of ['connector', 'webhook'] as const) {
      const options = { audience, loopback: false, allow }
      const open = [...refused.private, ...refused.loopback, ...refused.unlessAllowed]
      expect(allowsAll(options, open)).toEqual(open)
      expect(allowsAll(options, refused.always)).toEqual([])
    }
    expect(allowsAll({ audience: 'webhook', loopback: false, allow: ['10.1.2.3'] }, ['10.1.2.3', '10.1.2.4'])).toEqual([
      '10.1.2.3',
    ])
  })

  test('names of metadata services, and addresses in disguise', () => {
    const { refuseName } = createPolicy({ audience: 'connector', loopback: true, allow: [] })
    for (const name of ['metadata.google.internal', 'METADATA.google.internal.', 'metadata', '[fe80::1%25eth0]'])
      expect(refuseName(name), name).toBeDefined()
    // The forms that URLs take are undone by the URL.
    for (const url of ['http://2852039166/', 'http://0xa9.0xfe.0xa9.0xfe/', 'http://[::ffff:169.254.169.254]/'])
      expect(refuseName(new URL(url).hostname), url).toBeDefined()
    expect(refuseName('example.com')).toBeUndefined()
  })
})

describe('connections', () => {
  let server: Server
  let port: number
  const open: Egress[] = []
  const requests: string[] = []

  beforeAll(async () => {
    server = createServer(async (request, response) => {
      requests.push(`${request.headers.host} ${request.url}`)
      if (request.url?.startsWith('/to?')) {
        response.writeHead(302, { Location: new URL(request.url, 'http://x').searchParams.get('at')! }).end()
        return
      }
      response.end(request.method === 'POST' ? await text(request) : 'hello')
    })
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
    port = (server.address() as AddressInfo).port
  })
  afterAll(() => server.close())
  afterEach(async () => {
    requests.length = 0
    await Promise.all(open.splice(0).map((egress) => egress.close()))
  })

  /** Names and what they resolve to, one answer after the other; the last one stays. */
  const names = (answers: Readonly<Record<string, readonly (readonly string[])[]>>) => {
    const asked: Record<string, number> = {}
    return async (name: string): Promise<readonly Address[]> => {
      const all = answers[name]
      if (!all) throw Object.assign(new Error(`getaddrinfo ENOTFOUND ${name}`), { code: 'ENOTFOUND' })
      const before = asked[name] ?? 0
      asked[name] = before + 1
      const turn = Math.min(before, all.length - 1)
      return all[turn]!.map((address) => ({ address, family: address.includes(':') ? 6 : 4 }))
    }
  }
  const make = (options: Partial<EgressOptions> = {}) => {
    const egress = createEgress({ host: '127.0.0.1', ...options })
    open.push(egress)
    return egress
  }
  const denied = { name: 'EgressError', code: 'egress_denied' }

  test('a name is looked up once and its address is the one connected to, whatever it answers next', async () => {
    const resolve = names({ 'rebind.test': [['127.0.0.1'], ['169.254.169.254']] })
    const egress = make({ resolve })
    const url = `http://rebind.test:${port}/a`
    expect(await (await egress.fetch(url)).text()).toBe('hello')
    // A new connection is looked up and checked anew.
    await expect(make({ resolve }).fetch(url)).rejects.toMatchObject(denied)
    expect(requests).toEqual([`rebind.test:${port} /a`])
  })

  test('of several addresses only those that are allowed are tried', async () => {
    const egress = make({
      resolve: names({ 'mixed.test': [['169.254.169.254', 'fe80::1', '127.0.0.1']], 'bad.test': [['fe80::1']] }),
    })
    expect(await (await egress.fetch(`http://mixed.test:${port}/`)).text()).toBe('hello')
    await expect(egress.fetch(`http://bad.test:${port}/`)).rejects.toThrow(
      'bad.test cannot be connected to from here: fe80::1 is a link-local address. An operator can allow addresses with CX_EGRESS_ALLOW.',
    )
    await expect(egress.fetch(`http://none.test:${port}/`)).rejects.toMatchObject({ cause: { code: 'ENOTFOUND' } })
  })

  test('redirects are checked, to names and to addresses', async () => {
    const egress = make({
      resolve: names({ 'ok.test': [['127.0.0.1']], 'meta.test': [['169.254.169.254']] }),
    })
    const to = (at: string) => egress.fetch(`http://ok.test:${port}/to?at=${encodeURIComponent(at)}`)
    expect(await (await to(`http://127.0.0.1:${port}/b`)).text()).toBe('hello')
    for (const at of [
      'http://meta.test/latest',
      'http://169.254.169.254/latest/meta-data',
      'http://[::ffff:169.254.169.254]/',
      'http://metadata.google.internal/',
      `http://0.0.0.0:${port}/`,
      'http://2852039166/',
    ])
      await expect(to(at), at).rejects.toMatchObject(denied)
  })

  test('loopback is for hosts on loopback; webhooks never reach it; an operator can allow it', async () => {
    const url = `http://127.0.0.1:${port}/`
    const resolve = names({ 'private.test': [['10.0.0.1']] })
    await expect(make({ host: '0.0.0.0' }).fetch(url)).rejects.toThrow('this server is open to others')
    await expect(make().webhookFetch(url)).rejects.toThrow('not a public address')
    await expect(make({ resolve }).webhookFetch('http://private.test/')).rejects.toMatchObject(denied)
    const allowed = make({ host: '0.0.0.0', allow: ['127.0.0.0/8'] })
    expect((await allowed.fetch(url)).status).toBe(200)
    expect((await allowed.webhookFetch(url)).status).toBe(200)
  })

  test('takes and gives what the global fetch does: requests, forms, streamed uploads', async () => {
    const { fetch } = make()
    const url = `http://127.0.0.1:${port}/`
    const post = async (init: RequestInit) => (await fetch(url, { method: 'POST', ...init })).text()
    expect(await post({ body: new URLSearchParams({ a: '1' }) })).toBe('a=1')
    const form = new FormData()
    form.append('files', new Blob(['content']), 'a.txt')
    expect(await post({ body: form })).toContain('filename="a.txt"')
    let pulled = 0
    const stream = new ReadableStream<Uint8Array>({
      pull(controller) {
        if (++pulled > 50) controller.close()
        else controller.enqueue(new Uint8Array(10_000).fill(97))
      },
    })
    expect(await post({ body: stream, duplex: 'half' } as RequestInit)).toHaveLength(500_000)
    const response = await fetch(new Request(url, { method: 'POST', body: 'x' }))
    expect(response).toBeInstanceOf(Response)
    expect(await response.text()).toBe('x')
    await expect(fetch(url, { signal: AbortSignal.abort() })).rejects.toMatchObject({ name: 'AbortError' })
  })

  test('what connects by itself looks names up by the same rules, at every connection', async () => {
    const { lookup } = make({ resolve: names({ 'rebind.test': [['127.0.0.1', 'fe80::1'], ['169.254.169.254']] }) })
    const connected = (host: string) =>
      new Promise<string>((done, failed) => {
        const socket = connectSocket({ host, port, lookup }, () => {
          done(socket.remoteAddress!)
          socket.destroy()
        })
        socket.on('error', failed)
      })
    expect(await connected('rebind.test')).toBe('127.0.0.1')
    await expect(connected('rebind.test')).rejects.toMatchObject(denied)
    await expect(connected('metadata.google.internal')).rejects.toMatchObject(denied)
    const ofFamily = (family: 4 | 6 | 'IPv4' | 'IPv6') =>
      new Promise((done) => lookup('rebind.test', { family }, (error, address) => done(error ?? address)))
    expect(await ofFamily('IPv6')).toMatchObject({ code: 'ENOTFOUND' })
    expect(await ofFamily('IPv4')).toMatchObject(denied)
  })

  test('what connects by itself is checked before its session is opened', async () => {
    const connected: unknown[] = []
    const egress = make({
      resolve: names({ 'db.test': [['10.0.0.5']], 'meta.test': [['169.254.169.254', '10.0.0.5']] }),
    })
    const connector = guardConnector(
      defineConnector({
        name: 'database',
        title: 'Database',
        description: '',
        config: {
          type: 'object',
          properties: {
            host: { type: 'string' },
            port: { type: 'integer' },
            endpoint: { type: 'string', format: 'uri' },
            mirrors: { type: 'array', items: { type: 'string', format: 'uri' } },
            note: { type: 'string' },
          },
        },
        auth: {},
        connect: ({ config }) => connected.push(config),
        check: async () => ({ account: '' }),
        async *list() {},
        read: async () => ({ body: '', mimeType: 'text/plain' }),
      }),
      egress,
    )
    const connect = (config: object) => Promise.resolve(connector.connect({ config } as never))
    await connect({ host: 'db.test', endpoint: 'https://db.test:9000/x', note: '169.254.169.254' })
    await connect({ host: 'unknown.test' })
    await connect({ host: '/var/run/postgresql' })
    expect(connected).toHaveLength(3)
    for (const config of [
      { host: 'meta.test', port: 5432 },
      { host: '169.254.169.254' },
      { endpoint: 'http://meta.test/' },
      { mirrors: ['https://db.test', 'http://[fd00:ec2::254]/'] },
    ])
      await expect(connect(config), JSON.stringify(config)).rejects.toMatchObject(denied)
    const open = guardConnector(connector, make({ host: '0.0.0.0' }))
    await expect(
      Promise.resolve(open.connect({ config: { host: '/var/run/postgresql' } } as never)),
    ).rejects.toMatchObject(denied)
    await expect(connect({ host: 'meta.test', port: 5432 })).rejects.toThrow('meta.test:5432 cannot be connected to')
    expect(connected).toHaveLength(3)
  })
})
