import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { DatabaseSync } from 'node:sqlite'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'

const cli = join(import.meta.dirname, '../src/cli.ts')
const apiKey = 'cx_crash-test-key-0123456789abcdef'
const documents = 2_000
const kills = 50
const estimates = ['total', 'etaSeconds']
const children = new Set<ChildProcess>()
let folder: string
let files: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cx-crash-'))
  files = join(folder, 'files')
  for (let i = 0; i < documents; i++) await put(i, `Document ${i}, first edition, about subject${i}.`)
})

afterAll(async () => {
  for (const child of children) child.kill('SIGKILL')
  await rm(folder, { recursive: true, force: true })
})

async function put(i: number, text: string): Promise<void> {
  const directory = join(files, `part-${i % 20}`)
  await mkdir(directory, { recursive: true })
  await writeFile(join(directory, `${String(i).padStart(5, '0')}.md`), `# Document ${i}\n\n${text}\n`)
}

const remove = (i: number) => rm(join(files, `part-${i % 20}`, `${String(i).padStart(5, '0')}.md`), { force: true })

/** A host as a process of its own. */
async function start(dataDir: string) {
  const child = spawn(
    process.execPath,
    ['--conditions=cx-source', cli, 'serve', '--port', '0', '--data-dir', dataDir],
    {
      env: { ...process.env, CX_API_KEY: apiKey, CX_LOG_LEVEL: 'warn', NO_COLOR: '1' },
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  )
  children.add(child)
  const died = once(child, 'exit').then(() => children.delete(child))
  let url = ''
  for await (const line of createInterface({ input: child.stdout })) {
    url = /cx listens on (\S+)/.exec(line)?.[1] ?? ''
    if (url) break
  }
  child.stdout.resume()
  expect(url, 'The host said where it listens.').not.toBe('')
  const call = async <T>(method: string, path: string, body?: unknown): Promise<T> => {
    const response = await fetch(`${url}/api/v1${path}`, {
      method,
      headers: { authorization: `Bearer ${apiKey}`, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    const answer = (await response.json()) as { data: T; error?: unknown }
    expect(answer.error).toBeUndefined()
    return answer.data
  }
  return {
    call,
    kill: async () => {
      child.kill('SIGKILL')
      await died
    },
  }
}

type Running = Awaited<ReturnType<typeof start>>
interface JobView {
  readonly status: string
  readonly progress: Record<string, number>
}

const create = async (host: Running) =>
  (
    await host.call<{ id: string }>('POST', '/connectors', {
      name: 'files',
      type: 'filesystem',
      collection: 'crash',
      config: { root: files },
    })
  ).id

const ended = async (host: Running, connector: string, job: string): Promise<JobView> => {
  while (true) {
    const view = await host.call<JobView>('GET', `/connectors/${connector}/sync/${job}`)
    if (!isRunning(view)) return view
    await sleep(50)
  }
}

const isRunning = ({ status }: JobView): boolean => status === 'queued' || status === 'running'
const done = ({ indexed = 0, unchanged = 0 }: Record<string, number>): number => indexed + unchanged

/** What is stored, but for ids and times. */
async function stored(dataDir: string) {
  const file = (await readdir(dataDir)).find((name) => name.endsWith('.sqlite'))!
  const db = new DatabaseSync(join(dataDir, file), { readOnly: true })
  try {
    const live = db
      .prepare(
        "SELECT no, path, status, content_hash AS hash, chunks FROM documents WHERE status <> 'deleted' ORDER BY path",
      )
      .all() as { no: number; path: string; status: string; hash: string; chunks: number }[]
    const chunks = db.prepare('SELECT position, text FROM chunks WHERE no >> 20 = ? ORDER BY position')
    return {
      documents: live.map(({ no, ...document }) => ({ ...document, texts: chunks.all(no) })),
      totalChunks: (db.prepare('SELECT count(*) AS n FROM chunks').get() as { n: number }).n,
    }
  } finally {
    db.close()
  }
}

test(`${kills} times kill -9 over syncs of ${documents} documents: nothing lost, nothing doubled, progress not backwards`, async () => {
  const dataDir = join(folder, 'killed')
  let host = await start(dataDir)
  const connector = await create(host)
  let killed = 0
  let round = 0
  let entries = documents
  while (killed < kills) {
    const { jobId } = await host.call<{ jobId: string }>('POST', `/connectors/${connector}/sync`, {
      sync_mode: round % 2 === 0 ? 'full' : 'auto',
    })
    let last: Record<string, number> = {}
    while (true) {
      // Each life is left alone until it has got a random way further, so that the kills fall all over the sync.
      const goal = done(last) + Math.floor(Math.random() * documents * 0.05)
      let view: JobView
      do {
        view = await host.call<JobView>('GET', `/connectors/${connector}/sync/${jobId}`)
        for (const [name, value] of Object.entries(view.progress).filter(([name]) => !estimates.includes(name)))
          expect(value, `${name} went backwards`).toBeGreaterThanOrEqual(last[name] ?? 0)
        last = view.progress
      } while (isRunning(view) && done(last) < goal)
      if (!isRunning(view)) break
      await sleep(Math.random() * 20)
      await host.kill()
      killed++
      host = await start(dataDir)
    }
    const { status, progress } = await ended(host, connector, jobId)
    expect(status).toBe('completed')
    expect(progress).toMatchObject({ listed: entries, failed: 0 })
    expect(progress.indexed! + progress.unchanged! + progress.skipped!).toBe(entries)
    round++
    // New edition of some, some gone, some new; all seen by the next round.
    for (let i = 0; i < 300; i++)
      await put(Math.floor(Math.random() * documents), `Edition ${round}, about penguins${round}.`)
    for (let i = 0; i < 15; i++) await remove(Math.floor(Math.random() * documents))
    for (let i = 0; i < 15; i++) await put(documents + round * 100 + i, `Late arrival of round ${round}.`)
    entries = (await readdir(files, { recursive: true })).filter((name) => name.endsWith('.md')).length
  }
  const { jobId } = await host.call<{ jobId: string }>('POST', `/connectors/${connector}/sync`)
  expect(await ended(host, connector, jobId)).toMatchObject({ status: 'completed' })
  await host.kill()

  const calm = join(folder, 'calm')
  const reference = await start(calm)
  const other = await create(reference)
  const job = await reference.call<{ jobId: string }>('POST', `/connectors/${other}/sync`)
  expect(await ended(reference, other, job.jobId)).toMatchObject({
    status: 'completed',
    progress: { indexed: entries },
  })
  await reference.kill()

  const [actual, expected] = [await stored(dataDir), await stored(calm)]
  expect(expected.documents.length).toBe(entries)
  expect(actual).toEqual(expected)
  // The index too, not only the rows: the same searches find the same documents.
  const again = [await start(dataDir), await start(calm)] as const
  for (const query of ['penguins1', 'subject77', 'late arrival', 'edition', 'first edition']) {
    const [killedHits, calmHits] = await Promise.all(
      again.map((host) =>
        host.call<{ results: { path: string }[]; total: number }>('POST', '/search', { query, limit: 100 }),
      ),
    )
    expect(killedHits!.total).toBe(calmHits!.total)
    if (calmHits!.total <= 100)
      expect(killedHits!.results.map((hit) => hit.path).sort()).toEqual(calmHits!.results.map((hit) => hit.path).sort())
  }
  await Promise.all(again.map((host) => host.kill()))
  console.log(`killed ${killed} times over ${round} syncs`)
}, 600_000)
