import type { Job, JobKind, JobParams, Progress } from '@cx/core/engine'
import Database from 'better-sqlite3'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { DocumentRecord } from '../../src/store.ts'
import { Chaos } from './chaos.ts'
import { Lives } from './lives.ts'

// A source that changes and breaks by chance, two processes that die by chance, and after it all a calm sync: then what
// is stored must be what is there. CX_MODEL_SEED=7 begins with that one; CX_MODEL_SECONDS=600 looks for longer.
const firstSeed = Number(process.env.CX_MODEL_SEED ?? 1)
const seconds = Number(process.env.CX_MODEL_SECONDS ?? 15)

let lives: Lives
beforeAll(async () => {
  lives = await Lives.open()
})
afterAll(() => lives.close())

const counters = ['listed', 'collected', 'parsed', 'indexed', 'unchanged', 'skipped', 'failed', 'deleted'] as const

class World {
  readonly source: Chaos
  readonly connectorId: string
  /** Deleted by a person when nothing ran; nobody has asked for them since. */
  readonly tombstones = new Set<string>()
  /** The job whose deletion is held back. */
  held: string | undefined
  /** Nobody can say whether these are tombstones. */
  readonly unsure = new Set<string>()

  constructor(source: Chaos, connectorId: string) {
    this.source = source
    this.connectorId = connectorId
  }

  async documents(): Promise<Map<string, DocumentRecord>> {
    const { rows } = await lives.store.documents({ connectorId: this.connectorId }, { limit: 10_000 })
    const mine = rows.filter(({ parentId }) => parentId === null)
    return new Map(mine.map((document) => [document.entry.id, document]))
  }

  /** Runs one job while the source does what it likes; `disturb` happens somewhere in the middle. */
  async run(params: JobParams, kind: JobKind, disturb?: (jobId: string) => unknown): Promise<Job> {
    const { source } = this
    const before = await this.documents()
    // A deletion that was held back was decided by an earlier listing.
    if (kind !== 'confirm') source.listBegun = source.now
    let last: Progress | undefined
    let ended = false
    const { id } = await lives.queue(this.connectorId, params, kind)
    source.events.push(`-- ${kind} ${JSON.stringify(params)}`)
    let steps = disturb ? source.random.below(12) : -1
    source.onStep = async () => {
      if (ended) return
      if (steps-- === 0) disturb?.(id)
      last = this.#grown(last, (await lives.store.job(id).catch(() => undefined))?.progress)
    }
    const job = await lives.ended(id)
    ended = true
    source.onStep = () => {}
    if (job.status === 'needs_confirmation') this.held = id
    source.events.push(
      `-- ${job.status} attempt ${job.attempt} ${JSON.stringify(job.progress)} ${job.error?.message ?? ''}`,
    )
    this.#grown(last, job.progress)
    await this.#honest(job)
    this.#alive(before, await this.documents(), job)
    return job
  }

  #grown(last: Progress | undefined, next: Progress | undefined): Progress | undefined {
    if (last && next) for (const name of counters) expect(next[name], name).toBeGreaterThanOrEqual(last[name])
    return next ?? last
  }

  /** The status says what happened, the counters add up, and every failure has its row. */
  async #honest(job: Job): Promise<void> {
    const { listed, indexed, unchanged, skipped, failed } = job.progress
    const troubled = failed > 0 || (job.unreadable?.length ?? 0) > 0 || job.error !== undefined
    if (job.status === 'completed') expect(troubled).toBe(false)
    if (job.status === 'partial') expect(troubled).toBe(true)
    if (job.status === 'failed') expect(job.error?.message).toBeTruthy()
    if (job.status === 'completed' || job.status === 'partial')
      expect(listed).toBe(indexed + unchanged + skipped + failed)
    const rows = await lives.store.failures(job.id, { limit: 1 })
    expect(rows.total).toBe(failed)
  }

  /** Nothing was deleted that was there, and stayed where it was, while it was listed for the last time. */
  #alive(before: ReadonlyMap<string, DocumentRecord>, after: ReadonlyMap<string, DocumentRecord>, job: Job): void {
    // What a feed tells of an earlier time may be written when the run ends before the rest is told.
    if (this.source.character.feed && job.status !== 'completed' && job.status !== 'partial') return
    for (const [id, document] of after) {
      const living = this.source.living.get(id)
      if (document.status !== 'deleted' || before.get(id)?.status === 'deleted' || !living) continue
      expect(living.since <= this.source.listBegun, `${id} was deleted and is alive`).toBe(false)
    }
  }

  async deleteByPerson(): Promise<void> {
    const all = [...(await this.documents()).values()].filter(({ status }) => status !== 'deleted')
    if (all.length === 0) return
    const document = this.source.random.pick(all)
    await lives.store.deleteDocument(document.id)
    this.source.events.push(`a person deleted ${document.entry.id}`)
    this.tombstones.add(document.entry.id)
  }

  /** After a job that may bring back what a person deleted. */
  forgetTombstones(): void {
    for (const id of this.tombstones) this.unsure.add(id)
    this.tombstones.clear()
  }

  /** What is stored is what is there. */
  async equal(): Promise<void> {
    const stored = await this.documents()
    const live = [...stored.values()].filter(({ status }) => status !== 'deleted').map(({ entry }) => entry.id)
    const expected = [...this.source.living.keys()].filter((id) => !this.tombstones.has(id))
    const sure = (ids: readonly string[]) => ids.filter((id) => !this.unsure.has(id)).sort()
    expect(sure(live)).toEqual(sure(expected))
    for (const id of live) {
      const living = this.source.living.get(id)!
      const document = stored.get(id)!
      const said = `${id}: ${JSON.stringify(document.error)}`
      const broken = living.content.startsWith('unparseable')
      expect(document.status, said).toBe(broken ? 'failed' : 'indexed')
      expect(document.entry).toMatchObject({ path: living.path, title: living.title, version: `v:${living.content}` })
      expect(document.entry.acl, said).toEqual(living.acl)
      if (broken) continue
      let text = ''
      for await (const piece of lives.store.content(document.id)) text += piece
      expect(text).toBe(living.content)
    }
  }
}

/** What one job of a world is. */
function anyJob(world: World): { readonly params: JobParams; readonly kind: JobKind } {
  const { random, living } = world.source
  if (world.held !== undefined && random.chance(0.4)) return { params: { confirms: world.held }, kind: 'confirm' }
  const dice = random.below(10)
  if (dice < 5) return { params: {}, kind: 'sync' }
  if (dice === 5) return { params: { mode: 'full' }, kind: 'sync' }
  if (dice === 6) return { params: {}, kind: 'retry' }
  if (dice === 7 && world.source.character.aclsApart) return { params: {}, kind: 'permissions' }
  const paths = [random.pick(['a/', 'c/', 'a/b/', 'nowhere/', 'never.txt'])]
  const some = [...living.values()]
  if (some.length > 0) paths.push(random.pick(some).path)
  return { params: { paths, ...(dice === 9 && { mode: 'incremental' as const }) }, kind: 'sync' }
}

async function live(seed: number): Promise<void> {
  const source = new Chaos(seed)
  const connector = source.connector(`chaos${seed}`)
  const world = new World(source, await lives.addConnector(connector))
  const { random } = source
  let restarting: Promise<void> | undefined
  const restart = () => {
    const how = random.pick(['stop', 'die'] as const)
    source.events.push(`the processes ${how}`)
    restarting = lives.restart(how)
    // The source does not wait.
    for (let i = random.below(8); i > 0; i--) source.mutate()
  }
  try {
    const steps = 6 + random.below(6)
    for (let step = 0; step < steps; step++) {
      source.calm = true
      for (let i = random.below(6); i > 0; i--) source.mutate()
      if (random.chance(0.15)) await world.deleteByPerson()
      source.calm = random.chance(0.25)
      const { params, kind } = anyJob(world)
      if (params.mode || params.paths) world.forgetTombstones()
      const dice = random.below(10)
      const disturb =
        dice === 0
          ? (jobId: string) => lives.cancel(jobId)
          : dice < 3
            ? restart
            : dice === 4
              ? () => void lives.loseLeases()
              : dice === 3
                ? () => void lives.queue(world.connectorId, {}, 'sync')
                : undefined
      await world.run(params, kind, disturb)
      await restarting
    }
    await calm(world)
  } catch (error) {
    const story = [`seed ${seed} ${JSON.stringify(source.character)}`, ...source.events.slice(-150)].join('\n')
    throw new Error(`${(error as Error).message}\n${story}`, { cause: error })
  } finally {
    source.onStep = () => {}
    source.calm = true
  }
}

/** The world is left in peace: one sync, and all is as it is; another, and nothing happens. */
async function calm(world: World): Promise<void> {
  const { source } = world
  source.calm = true
  const settle = async (params: JobParams = {}): Promise<Job> => {
    const job = await world.run(params, 'sync')
    if (job.status !== 'needs_confirmation') return job
    expect((await world.run({ confirms: job.id }, 'confirm')).status).toBe('completed')
    return world.run(params, 'sync')
  }
  await settle()
  if (source.character.aclsApart) await world.run({}, 'permissions')
  await world.equal()
  const broken = [...source.living.values()].filter(({ content }) => content.startsWith('unparseable')).length
  const again = await settle()
  expect(again.progress).toMatchObject({ indexed: 0, deleted: 0 })
  expect(again.status).toBe(again.progress.failed > 0 ? 'partial' : 'completed')
  // A listing says no other than the feed did.
  source.expireCursors = true
  // Entries whose access lists could once not be read are asked for again by the next listing.
  if (source.character.aclsApart) await settle()
  const listed = await settle()
  source.expireCursors = false
  expect(listed.progress).toMatchObject({ indexed: 0, deleted: 0, listed: source.living.size })
  await world.equal()
  const full = await settle({ mode: 'full' })
  expect(full.progress).toMatchObject({ listed: source.living.size, failed: broken, deleted: 0 })
  world.tombstones.clear()
  world.unsure.clear()
  await world.equal()
}

/** What the database says of itself: counters, chunks and the full-text index agree. */
function sound(file: string): void {
  const db = new Database(file)
  try {
    const none = (sql: string) => expect(db.prepare(sql).all(), sql).toEqual([])
    none('PRAGMA foreign_key_check')
    none('SELECT no FROM chunks WHERE (no >> 20) NOT IN (SELECT no FROM documents)')
    none('SELECT no FROM documents d WHERE chunks <> (SELECT count(*) FROM chunks c WHERE (c.no >> 20) = d.no)')
    none("SELECT no FROM documents WHERE status = 'deleted' AND chunks > 0")
    none('SELECT no FROM acls WHERE no NOT IN (SELECT acl_no FROM documents WHERE acl_no IS NOT NULL)')
    none(`SELECT connector_no, status FROM document_counts n WHERE documents <> (
      SELECT count(*) FROM documents d WHERE d.connector_no = n.connector_no AND d.status = n.status
        AND (d.parent_no IS NOT NULL) = n.child AND ifnull(d.pipeline, '') = n.pipeline)`)
    expect(() => db.exec("INSERT INTO chunks_fts (chunks_fts, rank) VALUES ('integrity-check', 1)")).not.toThrow()
  } finally {
    db.close()
  }
}

test('whatever happens in between, a calm sync ends with what is there', {
  timeout: (seconds + 120) * 1000,
}, async () => {
  const until = Date.now() + seconds * 1000
  let seed = firstSeed
  while (seed === firstSeed || Date.now() < until) await live(seed++)
  sound(lives.file)
  if (process.env.CX_MODEL_SECONDS) console.log(`Seeds ${firstSeed} to ${seed - 1}.`)
})
