import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { text } from 'node:stream/consumers'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { browse, type OpenId, startOpenId } from './oauth/open-id.ts'

const cli = fileURLToPath(new URL('../src/cli.ts', import.meta.url))
const plugin = fileURLToPath(new URL('./oauth/plugin.ts', import.meta.url))
const key = 'cx_key_of_these_tests'

interface Server {
  readonly process: ChildProcess
  readonly url: string
  readonly log: { text: string }
}

describe('two servers on one database, at a provider with PKCE, rotation and tokens of five seconds', () => {
  let base: string
  let openId: OpenId
  let servers: readonly Server[]
  let id: string

  const env = (): NodeJS.ProcessEnv => ({
    ...process.env,
    CX_DATA_DIR: join(base, 'data'),
    CX_LOG_LEVEL: 'debug',
    CX_API_KEY: key,
    CX_PLUGINS: plugin,
    CX_PARSE_WORKERS: '1',
    CX_OAUTH_LOCKER_CLIENT_ID: 'cx',
    CX_OAUTH_LOCKER_CLIENT_SECRET: 'canary-client-secret',
    CX_OAUTH_LOCKER_AUTHORIZATION_URL: `${openId.url}/auth`,
    CX_OAUTH_LOCKER_TOKEN_URL: `${openId.url}/token`,
    CX_OAUTH_LOCKER_REVOCATION_URL: `${openId.url}/token/revocation`,
  })
  const serve = async (): Promise<Server> => {
    const child = spawn(process.execPath, ['--conditions=cx-source', cli, 'serve', '--port', '0'], {
      env: env(),
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    const log = { text: '' }
    child.stderr.on('data', (chunk: Buffer) => {
      log.text += chunk.toString()
    })
    for await (const line of createInterface({ input: child.stdout })) {
      const [, url] = /listens on (\S+)/.exec(line) ?? []
      if (url) return { process: child, url, log }
    }
    throw new Error(`The server did not start: ${log.text}`)
  }
  const call = async (server: Server, method: string, path: string, body?: object) => {
    const response = await fetch(`${server.url}/api/v1${path}`, {
      method,
      headers: { Authorization: `Bearer ${key}`, 'Content-Type': 'application/json' },
      ...(body && { body: JSON.stringify(body) }),
    })
    return (await response.json()) as { data: Record<string, string & boolean> }
  }

  beforeAll(async () => {
    base = await mkdtemp(join(tmpdir(), 'cx-oauth-'))
    openId = await startOpenId({ accessTokenSeconds: 5 })
    const first = await serve()
    servers = [first, await serve()]
    openId.register(servers.map(({ url }) => `${url}/api/v1/oauth/callback/locker`))
  })
  afterAll(async () => {
    for (const server of servers ?? []) {
      if (server.process.exitCode !== null) continue
      server.process.kill('SIGKILL')
      await once(server.process, 'exit')
    }
    await openId?.close()
    await rm(base, { recursive: true, force: true })
  })

  test('an authorization that is begun at one can be finished at the other', async () => {
    const [one, two] = servers as [Server, Server]
    const settings = { name: 'box', type: 'locker', collection: 'c', config: { apiUrl: `${openId.url}/me` } }
    id = (await call(one, 'POST', '/connectors', settings)).data.id!
    const { authUrl } = (await call(one, 'POST', '/oauth/init', { connectorId: id })).data
    const back = await browse(authUrl!, one.url)
    const response = await fetch(back.replace(one.url, two.url))
    expect([response.status, await response.text()]).toEqual([200, expect.stringContaining('box may read')])
    expect(openId.outcomes).toEqual(['authorization_code'])
    expect((await call(two, 'GET', `/connectors/${id}`)).data).toMatchObject({ status: 'active' })
  })

  test('each time the token ends, one renewal reaches the provider, and nobody is refused', async () => {
    const began = Date.now()
    let asked = 0
    // Both ask, all the time, across three ends: each sees them coming by its own clock.
    while (Date.now() - began < 13_500) {
      const tests = await Promise.all(
        [...servers, ...servers].map((server) => call(server, 'POST', `/connectors/${id}/test`)),
      )
      asked += tests.length
      await sleep(20)
      expect(tests.map(({ data }) => [data.success, data.message])).toEqual(
        tests.map(() => [true, 'Connected as ann.']),
      )
    }
    expect(asked).toBeGreaterThan(100)
    expect(new Set(openId.outcomes.slice(1))).toEqual(new Set(['refresh_token']))
    expect(openId.renewals.length).toBeGreaterThanOrEqual(2)
    // A token is renewed in its last second: two renewals closer together would be two of the same token.
    for (const [index, at] of openId.renewals.slice(1).entries())
      expect(at - openId.renewals[index]!).toBeGreaterThan(3_500)
  })

  test('keys are rotated while both go on', async () => {
    const probing = Promise.all(
      servers.map(async (server) => {
        const results: unknown[] = []
        for (let i = 0; i < 40; i++) results.push((await call(server, 'POST', `/connectors/${id}/test`)).data.success)
        return results
      }),
    )
    const child = spawn(process.execPath, ['--conditions=cx-source', cli, 'keys', 'rotate', '--json'], { env: env() })
    const [out, err] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'exit')])
    expect([child.exitCode, err]).toEqual([0, ''])
    const { encrypted, key: current } = JSON.parse(out) as { encrypted: number; key: string }
    expect(encrypted).toBeLessThanOrEqual(1)
    expect((await probing).flat()).toEqual(Array(80).fill(true))
    const stored = JSON.parse(await readFile(join(base, 'data/encryption-keys.json'), 'utf8')) as { keys: string[] }
    expect(stored.keys).toHaveLength(2)
    const { default: Database } = await import('better-sqlite3')
    const db = new Database(join(base, 'data/cx.sqlite'), { readonly: true })
    expect(db.prepare('SELECT DISTINCT key_id AS id FROM secrets').all()).toEqual([{ id: current }])
    db.close()
  })

  test('an authorization that the person withdraws ends in reauthorization_required', async () => {
    const [one, two] = servers as [Server, Server]
    // To use a rotated token again revokes the whole family.
    const [oldest] = [...openId.tokens].filter((_, index) => index === 1)
    const body = new URLSearchParams({ grant_type: 'refresh_token', refresh_token: oldest! })
    const authorization = `Basic ${Buffer.from('cx:canary-client-secret').toString('base64')}`
    await fetch(`${openId.url}/token`, { method: 'POST', body, headers: { Authorization: authorization } })
    expect(openId.outcomes.at(-1)).toBe('refresh_token invalid_grant')
    await expect
      .poll(async () => (await call(one, 'POST', `/connectors/${id}/test`)).data.success, { timeout: 10_000 })
      .toBe(false)
    await expect
      .poll(async () => (await call(two, 'GET', `/connectors/${id}`)).data, { timeout: 10_000 })
      .toMatchObject({ status: 'error', lastError: { code: 'reauthorization_required' } })
    expect(await call(two, 'POST', `/connectors/${id}/sync`)).toMatchObject({
      error: { code: 'conflict', details: { reason: 'reauthorization_required' } },
    })
    const { authUrl } = (await call(two, 'POST', '/oauth/init', { connectorId: id })).data
    expect((await fetch(await browse(authUrl!, two.url))).status).toBe(200)
    expect((await call(one, 'POST', `/connectors/${id}/test`)).data).toMatchObject({ success: true })
  })

  test('deleting the connector revokes the authorization', async () => {
    const refresh = [...openId.tokens].at(-1)!
    await call(servers[0]!, 'DELETE', `/connectors/${id}`)
    const body = new URLSearchParams({ grant_type: 'refresh_token', refresh_token: refresh })
    const authorization = `Basic ${Buffer.from('cx:canary-client-secret').toString('base64')}`
    const response = await fetch(`${openId.url}/token`, {
      method: 'POST',
      body,
      headers: { Authorization: authorization },
    })
    expect(await response.json()).toMatchObject({ error: 'invalid_grant' })
  })

  test('no token or secret is in a log or in the database', async () => {
    const files = await Promise.all(
      ['cx.sqlite', 'cx.sqlite-wal'].map((file) => readFile(join(base, 'data', file), 'latin1')),
    )
    expect(openId.tokens.size).toBeGreaterThan(6)
    const logs = servers.map(({ log }) => log.text)
    // The log of writes is empty just after a checkpoint.
    for (const where of [files[0] ?? '', ...logs]) expect(where.length).toBeGreaterThan(0)
    for (const where of [...files, ...logs]) {
      for (const secret of [...openId.tokens, 'canary']) expect(where).not.toContain(secret)
    }
    expect(logs.join('\n')).toContain('OAuth tokens were renewed')
  })
})
