import { randomBytes } from 'node:crypto'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type ProcessHost, startProcess, watchJob } from './process-host.ts'
import { type Receiver, startReceiver } from './receiver.ts'

const canary = (name: string) => `${name}-${randomBytes(16).toString('hex')}`
const secrets = {
  apiKey: canary('cx_api'),
  encryptionKey: randomBytes(32).toString('base64'),
  deploymentClient: canary('deployment-client'),
  embeddingKey: canary('embedding'),
  token: canary('token'),
  signingKey: canary('signing'),
  changedSigningKey: canary('changed-signing'),
  ownClient: canary('own-client'),
  sourceWebhook: canary('source-webhook'),
  webhook: canary('webhook'),
}
/** Kept in clear by design, and for their owner alone. */
const keyFiles: ReadonlySet<string> = new Set(['api-key', 'encryption-keys.json'])

describe('secrets', () => {
  let base: string
  let host: ProcessHost
  let receiver: Receiver
  let id: unknown
  const answers: string[] = []
  /** Secrets that were made by the server and shown once. */
  const made: string[] = []
  const call: ProcessHost['call'] = async (method, path, body) => {
    const answer = await host.call(method, path, body)
    answers.push(answer.body)
    return answer
  }
  const sync = async () => {
    const { data } = await call('POST', `/connectors/${id}/sync`)
    const job = await watchJob(host, id, data.jobId)
    for (const more of ['', '/failures']) await call('GET', `/connectors/${id}/sync/${data.jobId}${more}`)
    // A stream that ends, as the job has.
    await call('GET', `/connectors/${id}/sync/${data.jobId}/events`)
    return job
  }
  const leaks = (where: string, text: string | Buffer) =>
    [...Object.entries(secrets), ...made.map((secret) => ['made', secret] as const)]
      .filter(([, secret]) => text.includes(secret))
      .map(([name]) => `${name} in ${where}`)

  beforeAll(async () => {
    base = await mkdtemp(join(tmpdir(), 'cx-canary-'))
    receiver = await startReceiver()
    host = await startProcess({
      CX_DATA_DIR: join(base, 'data'),
      CX_API_KEY: secrets.apiKey,
      CX_ENCRYPTION_KEY: secrets.encryptionKey,
      CX_OAUTH_CANARY_CLIENT_ID: 'canary-client',
      CX_OAUTH_CANARY_CLIENT_SECRET: secrets.deploymentClient,
      CX_EMBEDDING_API_KEY: secrets.embeddingKey,
      CX_EGRESS_ALLOW: '127.0.0.0/8',
      CX_LOG_LEVEL: 'debug',
      CX_PLUGINS: new URL('./canary/plugin.ts', import.meta.url).href,
    })
  })
  afterAll(async () => {
    await host?.end('SIGKILL')
    await receiver?.close()
    await rm(base, { recursive: true, force: true })
  })

  test('are used, by a source that says them wherever it can', async () => {
    const events = ['sync.partial', 'sync.failed', 'document.indexed', 'document.failed', 'connector.error']
    await call('POST', '/webhooks', { url: receiver.url, events, secret: secrets.webhook }).then(
      // It is shown once, in this answer.
      ({ status }) => expect({ status, shown: answers.pop() !== undefined }).toEqual({ status: 201, shown: true }),
    )
    // Nothing listens there: every attempt to embed fails, and says so.
    const embedding = { baseUrl: 'http://127.0.0.1:9/v1', model: 'm', dimensions: 8 }
    expect((await call('POST', '/collections', { name: 'canary', embedding })).status).toBe(201)
    const key = await host.call('POST', '/api-keys', { name: 'k', role: 'viewer' })
    made.push(String(key.data.key))
    const created = await call('POST', '/connectors', {
      name: 'canary',
      type: 'canary',
      collection: 'canary',
      config: { signingKey: secrets.signingKey },
      credentials: { token: secrets.token },
      oauthClient: { clientId: 'own', clientSecret: secrets.ownClient },
      webhookSecret: secrets.sourceWebhook,
    })
    expect(created.status).toBe(201)
    id = created.data.id
    const trial = { type: 'canary', config: { signingKey: secrets.signingKey }, credentials: { token: secrets.token } }
    for (const path of ['/connectors/test', '/connectors/preview'])
      expect((await call('POST', path, trial)).status).toBe(200)
    // Wrong in shape: the complaint must not repeat what was given.
    const wrong = { ...trial, config: { signingKey: [secrets.signingKey] }, credentials: { token: [secrets.token] } }
    expect((await call('POST', '/connectors/test', wrong)).status).toBe(400)
    expect((await call('POST', `/connectors/${id}/test`)).status).toBe(200)

    expect(await sync()).toMatchObject({ status: 'partial', progress: { indexed: 1, failed: 1 } })
    // A change of one field leaves the secret one, and the secret one can be changed.
    expect((await call('PUT', `/connectors/${id}`, { config: { fail: false } })).status).toBe(200)
    expect(await sync()).toMatchObject({ progress: { unchanged: 1 } })
    await call('PUT', `/connectors/${id}`, { config: { signingKey: secrets.changedSigningKey, fail: true } })
    expect(await sync()).toMatchObject({ status: 'failed' })
    expect((await call('PUT', `/connectors/${id}`, { config: { signingKey: null } })).status).toBe(400)
    await call('POST', '/oauth/init', { connectorId: id })
    const signed = { 'x-canary-signature': 'f'.repeat(64) }
    const refused = await fetch(`${host.url}/hooks/${id}`, { method: 'POST', headers: signed, body: '{}' })
    answers.push(await refused.text())
    expect(refused.status).toBe(401)
    await receiver.count(3)

    const document = await call('GET', `/connectors/${id}/documents`)
    const one = `/connectors/${id}/documents/${document.data[0]!.id}`
    for (const path of [
      one,
      `${one}/chunks`,
      '/connectors',
      `/connectors/${id}`,
      `/connectors/${id}/sync`,
      '/webhooks',
    ])
      expect((await call('GET', path)).status, path).toBe(200)
    for (const path of ['/api-keys', '/audit', '/collections', '/connector-types', '/metrics'])
      expect((await call('GET', path)).status, path).toBe(200)
    expect((await call('POST', '/search', { query: 'canary' })).data.total).toBe(1)
    expect((await call('POST', '/search', { query: 'canary', mode: 'semantic' })).status).toBe(503)
  })

  test('are in no answer, webhook, log line or metric', () => {
    // The source did say them, and they were masked: else this test would see nothing.
    expect(host.log()).toMatch(/Connecting with \S*\*\*\*/)
    expect(answers.join('\n')).toMatch(/"title":"(Read with|About) [^"]*\*\*\*/)
    expect(receiver.received.map(({ body }) => body).join('\n')).toContain('***')
    expect([
      ...answers.flatMap((answer, index) => leaks(`answer ${index}: ${answer.slice(0, 300)}`, answer)),
      ...receiver.received.flatMap(({ body, headers }) => leaks('webhook', `${body} ${JSON.stringify(headers)}`)),
      ...leaks('log', host.log()),
    ]).toEqual([])
  })

  test('every log line of a request or a job says whose it is', () => {
    const lines = host
      .log()
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>)
    const says = (message: string) => lines.filter((line) => String(line.message).startsWith(message))
    expect(says('Connecting with').length).toBeGreaterThan(3)
    for (const line of says('Connecting with')) expect(line.requestId ?? line.jobId, JSON.stringify(line)).toBeDefined()
    expect(says('Reading with').length).toBeGreaterThan(0)
    for (const line of says('Reading with'))
      expect(line).toMatchObject({ jobId: expect.stringMatching(/^job_/), connectorId: id })
    for (const line of says('Job ended')) expect(line).toMatchObject({ connectorId: id })
    for (const line of says('request')) expect(line.requestId).toBeDefined()
  })

  test('are in no file of the data folder, but in those for keys', async () => {
    await host.end('SIGTERM')
    const folder = join(base, 'data')
    const found: string[] = []
    for (const name of await readdir(folder))
      if (!keyFiles.has(name)) found.push(...leaks(name, await readFile(join(folder, name))))
    expect(found).toEqual([])
    expect(leaks('log', host.log())).toEqual([])
  })
})
