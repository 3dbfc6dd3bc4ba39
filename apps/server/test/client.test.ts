import { createReadStream, openAsBlob } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { createServer as createHttpServer } from 'node:http'
import { type AddressInfo, connect, createServer, type Server as NetServer, type Socket } from 'node:net'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { CxClient, CxError, isCxError, type SyncEvent, type SyncJob } from '@cx/client'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { type Running, start } from './harness.ts'

const rejection = (work: Promise<unknown>) =>
  work.then(
    () => expect.unreachable('It should have failed.'),
    (error: unknown) => error as CxError,
  )

describe('the client, against a host', () => {
  let cx: Running
  let client: CxClient
  let connectorId: string

  beforeAll(async () => {
    cx = await start()
    client = new CxClient({ baseUrl: cx.url, apiKey: cx.key })
    for (let i = 0; i < 7; i++) await cx.write(`notes/${i}.md`, `# Note ${i}\n\nThe walrus number ${i}.`)
    const { id } = await client.connectors.create({
      name: 'notes',
      type: 'filesystem',
      collection: 'notes',
      config: { root: cx.folder },
    })
    connectorId = id
  })
  afterAll(() => cx?.close())

  test("the reference's samples: a bucket is connected, and a sync has a job id", async () => {
    const connector = await client.connectors.create({
      name: 'Reports',
      type: 's3',
      collection: 'reports',
      // Nothing listens there: the job ends without leaving this machine.
      config: { bucket: 'company-reports', region: 'eu-central-1', prefix: '2026/', endpoint: 'http://127.0.0.1:9' },
      credentials: { accessKeyId: 'AKIAEXAMPLE', secretAccessKey: 'wJalrXUtnFEMI' },
    })
    expect(connector).toMatchObject({ id: expect.stringMatching(/^conn_/), type: 's3', hasCredentials: true })
    const job = await client.connectors.sync(connector.id)
    expect(job.jobId).toMatch(/^job_/)
    await client.connectors.cancel(connector.id, job.jobId)
    expect((await client.connectors.waitForSync(connector.id, job.jobId)).status).toBe('cancelled')
    expect(await client.connectors.delete(connector.id)).toEqual({ id: connector.id, deleted: true })
  })

  test('a sync is followed to its end, by polling and by events', async () => {
    const seen: SyncJob['status'][] = []
    const { jobId } = await client.connectors.sync(connectorId)
    const [job, events] = await Promise.all([
      client.connectors.waitForSync(connectorId, jobId, { onProgress: ({ status }) => seen.push(status) }),
      Array.fromAsync(client.connectors.events(connectorId, jobId)),
    ])
    expect(job).toMatchObject({ status: 'completed', progress: { listed: 7, indexed: 7 } })
    expect(seen.at(-1)).toBe('completed')
    expect(events.at(-1)).toMatchObject({ type: 'end', job: { jobId, status: 'completed' } })
    // Asked again from the last but one, only the end is left; after the end, nothing is.
    const rest = (after: string) => Array.fromAsync(client.connectors.events(connectorId, jobId, { after }))
    expect((await rest(events.at(-2)!.id)).map(({ type }: SyncEvent) => type)).toEqual(['end'])
    expect((await Array.fromAsync(client.connectors.history(connectorId))).map((one) => one.jobId)).toEqual([jobId])
  })

  test('lists are iterated over pages, taken by the page, and end', async () => {
    const documents = client.documents.list(connectorId, { limit: 3 })
    expect((await Array.fromAsync(documents)).map(({ path }) => path).sort()).toEqual(
      Array.from({ length: 7 }, (_, i) => `notes/${i}.md`),
    )
    const pages = await Array.fromAsync(documents.pages())
    expect(pages.map(({ items }) => items.length)).toEqual([3, 3, 1])
    expect(pages[0]).toMatchObject({ total: 7, limit: 3, page: 1, nextCursor: expect.any(String) })
    const third = await client.documents.list(connectorId, { limit: 3, page: 3 }).page()
    expect(third.items).toHaveLength(1)
    for await (const { id, collectionName } of client.connectors.list({ type: 'filesystem' }))
      expect([id, collectionName]).toEqual([connectorId, 'notes'])
    expect(await Array.fromAsync(client.connectors.list({ status: 'error' }))).toEqual([])
    expect((await Array.fromAsync(client.files.list(connectorId, { limit: 2 }))).length).toBe(7)
  })

  test('documents: text, chunks, access; search; collections', async () => {
    const [{ id } = { id: '' }] = (await client.documents.list(connectorId, { path: 'notes/3' }).page()).items
    expect(await client.documents.get(connectorId, id)).toMatchObject({ path: 'notes/3.md', status: 'indexed' })
    expect(await (await client.documents.content(connectorId, id)).text()).toContain('walrus number 3')
    expect((await Array.fromAsync(client.documents.chunks(connectorId, id)))[0]?.text).toContain('walrus')
    expect(await client.documents.access(connectorId, id, 'ann@example.com')).toMatchObject({ allowed: true })
    const { results, total } = await client.search({ query: 'walrus', collections: ['notes'], limit: 2 })
    expect([results.length, total]).toEqual([2, 7])
    const collection = await client.collections.get('notes')
    expect(collection.counts).toMatchObject({ connectors: 1, documents: 7 })
    expect((await client.collections.update(collection.id, { description: 'ours' })).description).toBe('ours')
    expect(await client.documents.delete(connectorId, id)).toEqual({ id, deleted: true })
    expect((await client.search({ query: 'walrus' })).total).toBe(6)
  })

  test('files: blobs, text, bytes and streams are uploaded, then deleted', async () => {
    const large = new Uint8Array(3_000_000).fill(97)
    const { uploaded, jobId } = await client.files.upload(
      connectorId,
      [
        { name: 'text.txt', content: 'as text', contentType: 'text/plain' },
        { name: 'bytes ü.bin', content: large },
        { name: 'blob.md', content: await openAsBlob(join(cx.folder, 'notes/1.md')) },
      ],
      { path: 'up' },
    )
    expect(uploaded).toEqual([
      { path: 'up/text.txt', size: 7 },
      { path: 'up/bytes ü.bin', size: large.length },
      { path: 'up/blob.md', size: 30 },
    ])
    expect(await client.connectors.waitForSync(connectorId, jobId)).toMatchObject({ progress: { listed: 3 } })

    const streamed = await client.files.upload(connectorId, [
      {
        name: 'up/web ü.md',
        content: Readable.toWeb(createReadStream(join(cx.folder, 'notes/2.md'))) as ReadableStream,
      },
      { name: 'up/node.bin', content: Readable.from([large, large]) },
      { name: 'up/text.md', content: 'with a stream' },
    ])
    expect(streamed.uploaded.map(({ size }) => size)).toEqual([30, 2 * large.length, 13])
    expect(await readFile(join(cx.folder, 'up/web ü.md'), 'utf8')).toContain('walrus number 2')
    await client.connectors.waitForSync(connectorId, streamed.jobId)

    const gone = await client.files.delete(connectorId, ['up/text.txt', 'up/nowhere.txt'])
    expect(gone).toMatchObject({ deleted: ['up/text.txt'], notFound: ['up/nowhere.txt'] })
    await client.connectors.waitForSync(connectorId, gone.jobId!)
  })

  test('settings are tried, previewed and browsed before and after', async () => {
    const trial = { type: 'filesystem', config: { root: cx.folder } }
    expect((await client.connectors.testCredentials(trial)).success).toBe(true)
    expect((await client.connectors.test(connectorId)).success).toBe(true)
    expect((await client.connectors.preview(trial)).entries.length).toBeGreaterThan(6)
    expect(await client.connectors.browse(connectorId)).toContainEqual(
      expect.objectContaining({ path: 'notes', hasChildren: true }),
    )
    expect((await client.connectors.types()).map(({ type }) => type)).toContain('s3')
    expect((await client.connectors.update(connectorId, { name: 'renamed' })).name).toBe('renamed')
    const { jobId } = await client.connectors.refreshPermissions(connectorId)
    expect(await client.connectors.waitForSync(connectorId, jobId)).toMatchObject({ kind: 'permissions' })
    const retried = await client.connectors.retry(connectorId, jobId)
    expect((await client.connectors.waitForSync(connectorId, retried.jobId)).status).toBe('completed')
    expect(await Array.fromAsync(client.connectors.failures(connectorId, retried.jobId))).toEqual([])
  })

  test('keys: one is made, sees its collection alone, and is deleted', async () => {
    const { id, key } = await client.apiKeys.create({ name: 'k', role: 'viewer', collections: ['notes'] })
    const viewer = new CxClient({ baseUrl: cx.url, apiKey: key })
    expect((await Array.fromAsync(viewer.collections.list())).map(({ name }) => name)).toEqual(['notes'])
    const refused = await rejection(viewer.connectors.update(connectorId, { name: 'x' }))
    expect(refused).toMatchObject({ code: 'forbidden', status: 403 })
    await client.apiKeys.delete(id)
    expect(await rejection(viewer.connectors.get(connectorId))).toMatchObject({ code: 'unauthorized', status: 401 })
  })

  test('errors say what is wrong, and name the request', async () => {
    const unknown = await rejection(client.connectors.get('conn_nope'))
    expect(isCxError(unknown) && unknown instanceof CxError).toBe(true)
    expect(unknown).toMatchObject({ code: 'not_found', status: 404, requestId: expect.stringMatching(/^req_/) })
    const invalid = await rejection(
      client.connectors.create({ name: '', type: 'filesystem', collection: 'notes', config: {} }),
    )
    expect(invalid.details).toEqual([
      { path: '/name', message: expect.any(String) },
      { path: '/config/root', message: 'is required' },
    ])
    await client.connectors.update(connectorId, { enabled: false })
    expect((await rejection(client.connectors.sync(connectorId))).reason).toBe('connector_paused')
    await client.connectors.update(connectorId, { enabled: true })
    // A folder has no OAuth; where there is one, the host's own tests go all the way.
    expect((await rejection(client.oauth.init({ connectorId }))).status).toBeOneOf([400, 409, 422])
    expect(await rejection(client.connectors.sync(connectorId, { sync_mode: 'incremental' }))).toMatchObject({
      code: 'invalid_request',
    })
    await expect(client.connectors.get('')).rejects.toThrow(TypeError)
    expect(() => new CxClient({ baseUrl: 'localhost', apiKey: 'x' })).toThrow('baseUrl')
    const other = createHttpServer((_, response) => response.end('<h1>Welcome</h1>'))
    const elsewhere = new CxClient({ baseUrl: await listen(other), apiKey: 'x' })
    expect(await rejection(elsewhere.connectors.get('x'))).toMatchObject({ code: 'unexpected_answer', status: 200 })
    other.close()
  })

  test('signals end requests, waits and streams, with their own reason', async () => {
    const reason = new Error('enough')
    const aborted = { signal: AbortSignal.abort(reason) }
    expect(await rejection(client.connectors.get(connectorId, aborted))).toBe(reason)
    expect(await rejection(client.search({ query: 'walrus', ...aborted }))).toBe(reason)
    const stop = new AbortController()
    const silent = createServer(() => stop.abort(reason))
    const baseUrl = await listen(silent)
    const waiting = new CxClient({ baseUrl, apiKey: 'x' })
    expect(await rejection(waiting.connectors.waitForSync('conn_x', 'job_x', { signal: stop.signal }))).toBe(reason)
    const hasty = new CxClient({ baseUrl, apiKey: 'x', timeoutMs: 50, retries: 0 })
    expect(await rejection(hasty.connectors.get('x'))).toMatchObject({ code: 'timeout', status: undefined })
    silent.close()
  })
})

test('webhooks: made, tested, told of a sync, replayed and deleted', async () => {
  const cx = await start({ CX_EGRESS_ALLOW: '127.0.0.0/8' })
  const received: string[] = []
  const receiver = createHttpServer(async (request, response) => {
    received.push(JSON.parse((await Array.fromAsync(request)).join('')).type)
    response.end()
  })
  const { webhooks, connectors } = new CxClient({ baseUrl: cx.url, apiKey: cx.key })
  const made = await webhooks.create({ url: await listen(receiver), events: ['sync.completed'] })
  expect(made.secret.length).toBeGreaterThan(15)
  expect(await webhooks.get(made.id)).not.toHaveProperty('secret')
  expect(await webhooks.test(made.id)).toMatchObject({ success: true, status: 200 })
  expect((await webhooks.update(made.id, { description: 'mine' })).description).toBe('mine')
  const { id } = await connectors.create({
    name: 'c',
    type: 'filesystem',
    collection: 'c',
    config: { root: cx.folder },
  })
  await connectors.waitForSync(id, (await connectors.sync(id)).jobId)
  await vi.waitFor(() => expect(received).toContain('sync.completed'), 10_000)
  const [delivery] = await Array.fromAsync(webhooks.deliveries(made.id))
  expect(await webhooks.replay(made.id, delivery!.id)).toMatchObject({ id: delivery!.id })
  expect(await webhooks.delete(made.id)).toEqual({ id: made.id, deleted: true })
  expect(await Array.fromAsync(webhooks.list())).toEqual([])
  receiver.closeAllConnections()
  receiver.close()
  await cx.close()
})

describe('the client, when things go wrong', () => {
  test('429 is waited for as long as the server says', async () => {
    const cx = await start({ CX_RATE_LIMIT: '60' })
    const client = new CxClient({ baseUrl: cx.url, apiKey: cx.key })
    const impatient = new CxClient({ baseUrl: cx.url, apiKey: cx.key, retries: 0 })
    let refused: CxError | undefined
    while (!refused) await impatient.connectors.types().catch((error: CxError) => (refused = error))
    expect(refused).toMatchObject({ code: 'rate_limit_exceeded', status: 429, retryAfter: 1 })
    const began = performance.now()
    await client.connectors.types()
    expect(performance.now() - began).toBeGreaterThan(900)
    await cx.close()
  })

  test('a lost answer is asked for again, and nothing is made twice', async () => {
    const cx = await start()
    const proxy = await openProxy(Number(new URL(cx.url).port))
    const client = new CxClient({ baseUrl: proxy.url, apiKey: cx.key, backoffMs: 10 })
    const connector = { name: 'once', type: 'filesystem', collection: 'c', config: { root: cx.folder } }
    for (const cut of ['request', 'answer'] as const) {
      proxy.cutNext(cut)
      const { id } = await client.connectors.create({ ...connector, name: cut })
      expect((await client.connectors.get(id)).name).toBe(cut)
    }
    expect((await client.connectors.list().page()).total).toBe(2)
    // A key is not said twice: the client tells, rather than give a key that is not there.
    proxy.cutNext('answer')
    expect(await rejection(client.apiKeys.create({ name: 'lost', role: 'viewer' }))).toMatchObject({
      message: expect.stringContaining('answer that had its key was lost'),
    })
    // A stream of events goes on where it broke.
    await cx.write('a.md', 'a')
    const [{ id } = { id: '' }] = (await client.connectors.list().page()).items
    const { jobId } = await client.connectors.sync(id)
    await client.connectors.waitForSync(id, jobId)
    proxy.cutNext('answer')
    expect((await Array.fromAsync(client.connectors.events(id, jobId))).at(-1)?.type).toBe('end')
    expect(proxy.cuts).toBe(4)
    const nobody = new CxClient({ baseUrl: proxy.url, apiKey: 'x', backoffMs: 1, retries: 2 })
    await proxy.close()
    expect(await rejection(nobody.connectors.types())).toMatchObject({ code: 'network', status: undefined })
    await cx.close()
  })
})

/** On a free port of this machine. */
async function listen(server: NetServer): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

interface Proxy {
  readonly url: string
  readonly cuts: number
  /** Breaks the next connection: before the host has the request, or once its answer is there. */
  cutNext(what: 'request' | 'answer'): void
  close(): Promise<void>
}

/** Passes bytes to a port of this machine. */
async function openProxy(port: number): Promise<Proxy> {
  let cut: 'request' | 'answer' | undefined
  let cuts = 0
  const sockets = new Set<Socket>()
  const server = createServer((near) => {
    const far = connect(port, '127.0.0.1')
    for (const socket of [near, far]) {
      sockets.add(socket)
      socket.on('error', () => {})
      socket.on('close', () => sockets.delete(socket))
    }
    const broken = (what: 'request' | 'answer') => {
      if (cut !== what) return false
      cut = undefined
      cuts += 1
      near.resetAndDestroy()
      far.destroy()
      return true
    }
    near.on('data', (data) => void (broken('request') || far.write(data)))
    far.on('data', (data) => void (broken('answer') || near.write(data)))
    near.on('end', () => far.end())
    far.on('end', () => near.end())
  })
  return {
    url: await listen(server),
    get cuts() {
      return cuts
    },
    cutNext: (what) => {
      cut = what
    },
    close: async () => {
      for (const socket of sockets) socket.destroy()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
