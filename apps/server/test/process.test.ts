import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

const cli = fileURLToPath(new URL('../src/cli.ts', import.meta.url))

describe('the command line', () => {
  let base: string
  let server: ChildProcess
  let url: string
  const printed: string[] = []

  const env = (): NodeJS.ProcessEnv => ({
    ...process.env,
    CX_DATA_DIR: join(base, 'data'),
    CX_LOG_LEVEL: 'warn',
    CX_API_KEY: '',
    CX_URL: '',
  })
  const cx = async (...args: string[]) => {
    const child = spawn(process.execPath, ['--conditions=cx-source', cli, '--url', url, ...args], {
      env: env(),
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    const [out, err] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'exit')])
    return { code: child.exitCode, out, err }
  }

  beforeAll(async () => {
    base = await mkdtemp(join(tmpdir(), 'cx-cli-'))
    await mkdir(join(base, 'source'))
    await writeFile(join(base, 'source/a.md'), '# Lynx\n\nThe lynx has tufted ears.\n')
    server = spawn(process.execPath, ['--conditions=cx-source', cli, 'serve', '--port', '0'], {
      env: env(),
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    for await (const line of createInterface({ input: server.stdout! })) {
      printed.push(line)
      if (line.includes('kept in')) break
    }
    url = /listens on (\S+)/.exec(printed.join('\n'))![1]!
  })
  afterAll(async () => {
    if (server?.exitCode === null) server.kill('SIGKILL')
    await rm(base, { recursive: true, force: true })
  })

  test('serve prints the key it made, and keeps it', async () => {
    const kept = (await readFile(join(base, 'data/api-key'), 'utf8')).trim()
    expect(printed).toContain(`API key: ${kept}`)
  })

  test('connectors are made, tested, synced and searched', async () => {
    const made = await cx(
      'connectors',
      'create',
      'filesystem',
      '--name',
      'cats',
      '--config',
      JSON.stringify({ root: join(base, 'source') }),
    )
    expect(made).toMatchObject({ code: 0, out: expect.stringContaining('conn_') })
    expect((await cx('connectors', 'test', 'cats')).code).toBe(0)
    const synced = await cx('sync', 'cats')
    expect(synced).toMatchObject({
      code: 0,
      out: expect.stringMatching(/^completed {2}listed 1 {2}indexed 1/),
      err: '',
    })
    const found = await cx('search', 'lynx', '--json')
    expect(JSON.parse(found.out)).toMatchObject({ total: 1, results: [{ path: 'a.md' }] })
    // No terminal, no colours.
    expect((await cx('search', 'lynx')).out).not.toContain('\u001b[')
    expect((await cx('plugins')).out).toMatch(/filesystem[\s\S]*s3/)
    expect((await cx('keys')).out).toContain('first start')
  })

  test('exit codes tell failure, wrong usage and partial success apart', async () => {
    expect((await cx('sync', 'dogs')).code).toBe(1)
    expect((await cx('bark')).code).toBe(2)
    expect((await cx('sync')).code).toBe(2)
    expect((await cx('sync', 'cats', '--mode', 'some')).code).toBe(2)
    expect((await cx('search', 'x', '--limit', '1000')).code).toBe(2)
    expect((await cx('--help')).code).toBe(0)
    await writeFile(join(base, 'source/broken.pdf'), '%PDF-1.7 this is no document')
    const partial = await cx('sync', 'cats')
    expect(partial).toMatchObject({ code: 3, out: expect.stringContaining('broken.pdf') })
    const failed = await cx('connectors', 'get', 'conn_nope', '--json')
    expect(failed.code).toBe(1)
    expect(JSON.parse(failed.out)).toMatchObject({ error: { code: 'not_found' } })
    expect(await cx('--url', 'http://127.0.0.1:1', 'plugins')).toMatchObject({
      code: 1,
      err: expect.stringContaining('No cx server answers'),
    })
  })

  test('SIGTERM ends the server within ten seconds', async () => {
    const began = performance.now()
    server.kill('SIGTERM')
    expect(await once(server, 'exit')).toEqual([0, null])
    expect(performance.now() - began).toBeLessThan(10_000)
  })

  test('settings that make no sense are all named', async () => {
    const child = spawn(process.execPath, ['--conditions=cx-source', cli, 'serve'], {
      env: { ...env(), CX_PORT: 'http', CX_ENCRYPTION_KEY: 'short' },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    const [err] = await Promise.all([text(child.stderr), once(child, 'exit')])
    expect(child.exitCode).toBe(1)
    expect(err).toMatch(/CX_PORT[\s\S]*CX_ENCRYPTION_KEY/)
  })
})
