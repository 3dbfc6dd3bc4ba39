import { chmod, mkdir, mkdtemp, readdir, rename, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type ProcessHost, runCx, startProcess, watchJob } from './process-host.ts'

interface Finding {
  readonly check: string
  readonly status: string
  readonly message: string
  readonly remedy?: string
}

describe('upkeep', () => {
  let base: string
  let host: ProcessHost | undefined
  let connectorId: unknown
  const env = (more: Readonly<Record<string, string>> = {}) => ({
    CX_DATA_DIR: join(base, 'data'),
    CX_API_KEY: 'cx_upkeep-test-key-0123456789ab',
    CX_PLUGINS: '@cx/plugin-filesystem,@cx/plugin-s3',
    ...(host && { CX_PUBLIC_URL: host.url }),
    ...more,
  })
  const doctor = async (more?: Readonly<Record<string, string>>) => {
    const { code, out } = await runCx(env(more), 'doctor', '--json')
    const findings = JSON.parse(out) as readonly Finding[]
    return { code, findings, of: (check: string) => findings.filter((one) => one.check === check) }
  }
  const found = async (query: string) => (await host!.call('POST', '/search', { query })).data.total
  const backup = () => join(base, 'backup/cx.backup')

  beforeAll(async () => {
    base = await mkdtemp(join(tmpdir(), 'cx-upkeep-'))
    await mkdir(join(base, 'source'))
    for (let i = 0; i < 300; i++) await writeFile(join(base, `source/${i}.md`), `# Number ${i}\n\nAbout the walrus.\n`)
    host = await startProcess(env())
    const config = { root: join(base, 'source') }
    const made = await host.call('POST', '/connectors', { name: 'w', type: 'filesystem', collection: 'w', config })
    connectorId = made.data.id
    const keys = { accessKeyId: 'AKIAUPKEEPTEST', secretAccessKey: 'secret-of-upkeep' }
    const s3 = { name: 's', type: 's3', collection: 'w', config: { bucket: 'walrus' }, credentials: keys }
    expect((await host.call('POST', '/connectors', s3)).status).toBe(201)
  })
  afterAll(async () => {
    await host?.end('SIGKILL')
    await rm(base, { recursive: true, force: true })
  })

  test('a backup made while documents are written is whole, for its owner alone, and overwrites nothing', async () => {
    const { data } = await host!.call('POST', `/connectors/${connectorId}/sync`)
    await watchJob(host!, connectorId, data.jobId, ({ indexed = 0 }) => indexed > 0)
    const made = await runCx(env(), 'backup', backup())
    expect(made).toMatchObject({ code: 0, out: expect.stringContaining('encryption-keys.json') })
    expect((await stat(backup())).mode & 0o777).toBe(0o600)
    expect(await watchJob(host!, connectorId, data.jobId)).toMatchObject({ status: 'completed' })
    expect(await runCx(env(), 'backup', backup())).toMatchObject({ code: 1, err: expect.stringContaining('exists') })
    await rm(backup())
    expect((await runCx(env(), 'backup', backup())).code).toBe(0)
    expect(await readdir(join(base, 'backup'))).toEqual(['cx.backup'])
  })

  test('doctor finds nothing wrong beside a server that runs', async () => {
    const { code, findings } = await doctor()
    expect(findings.filter(({ status }) => status !== 'ok')).toEqual([])
    expect(code).toBe(0)
    expect(new Set(findings.map(({ check }) => check))).toEqual(
      new Set(['settings', 'node', 'data folder', 'database', 'encryption keys', 'free disk', 'plugins', 'server']),
    )
  })

  test('a restore is refused while the server runs, and brings back what was backed up once it does not', async () => {
    expect((await host!.call('DELETE', `/connectors/${connectorId}`)).status).toBeLessThan(300)
    const refused = await runCx(env(), 'restore', backup())
    expect(refused).toMatchObject({ code: 1, err: expect.stringContaining('A server runs on') })
    expect((await host!.call('GET', `/connectors/${connectorId}`)).status).toBe(404)
    await host!.end('SIGTERM')

    await writeFile(join(base, 'nonsense'), 'no database at all, whatever its name may be')
    expect((await runCx(env(), 'restore', join(base, 'nonsense'))).code).toBe(1)
    const restored = await runCx(env(), 'restore', backup(), '--json')
    expect(restored.code).toBe(0)
    const { keptAs, missingKeys } = JSON.parse(restored.out) as { keptAs: string; missingKeys: string[] }
    expect(missingKeys).toEqual([])
    expect((await stat(keptAs)).size).toBeGreaterThan(0)
    host = await startProcess(env({ CX_PUBLIC_URL: '' }))
    expect((await host.call('GET', `/connectors/${connectorId}`)).status).toBe(200)
    expect(await found('walrus')).toBe(300)
    await host.end('SIGTERM')
  })

  test('doctor says what is wrong, what to do, and exits with 1', async () => {
    const data = join(base, 'data')
    await chmod(data, 0o755)
    await rename(join(data, 'encryption-keys.json'), join(base, 'keys'))
    const { code, of } = await doctor({ CX_PLUGINS: '@cx/plugin-filesystem,@cx/plugin-nope' })
    expect(code).toBe(1)
    expect(of('data folder')).toMatchObject([{ status: 'warn', remedy: `chmod 700 ${data}` }])
    expect(of('encryption keys')).toMatchObject([{ status: 'fail', remedy: expect.stringContaining('back') }])
    expect(of('plugins')).toMatchObject([{ status: 'fail', remedy: expect.stringContaining('@cx/plugin-nope') }])
    expect(of('server')).toMatchObject([{ status: 'warn' }])
    // It has not made a new key in the place of the lost one.
    expect(await readdir(data)).not.toContain('encryption-keys.json')

    const mistaken = await doctor({ CX_PORT: 'http', CX_RATE_LIMIT: '-1' })
    expect(mistaken.of('settings')).toMatchObject([{ status: 'fail' }, { status: 'fail' }])
    await writeFile(join(data, 'cx.sqlite'), 'x'.repeat(10_000))
    for (const rest of ['-wal', '-shm']) await rm(join(data, `cx.sqlite${rest}`), { force: true })
    expect((await doctor()).of('database')).toMatchObject([
      { status: 'fail', remedy: expect.stringContaining('cx restore') },
    ])
    // The database is back, its keys are not.
    expect(await runCx(env(), 'restore', backup())).toMatchObject({ code: 3, out: expect.stringContaining('missing') })
    await rename(join(base, 'keys'), join(data, 'encryption-keys.json'))
    expect((await doctor()).of('database')).toMatchObject([{ status: 'ok' }])
  })
})
