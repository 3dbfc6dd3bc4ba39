import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { SourceConnector } from '@cx/core'
import { createEngine, type Engine, type Job, type JobKind, type JobParams } from '@cx/core/engine'
import { openSqliteStore } from '../../src/index.ts'
import type { Store } from '../../src/store.ts'
import { plainParser } from './world.ts'

const silent = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} }

/** One process with its engine: until it dies, then nothing it does reaches the file any more. */
interface Life {
  readonly owner: string
  readonly store: Store
  readonly engine: Engine
  readonly state: { dead: boolean }
}

/** Two processes over one database, which die and come back. */
export class Lives {
  readonly connectors = new Map<string, SourceConnector>()
  readonly file: string
  /** The test's own, which outlives them. */
  readonly store: Store
  readonly #folder: string
  #lives: Life[] = []
  #collectionId = ''

  private constructor(folder: string, file: string, store: Store) {
    this.#folder = folder
    this.file = file
    this.store = store
  }

  static async open(): Promise<Lives> {
    const folder = await mkdtemp(join(tmpdir(), 'cx-model-'))
    const file = join(folder, 'cx.db')
    const lives = new Lives(folder, file, await openSqliteStore({ file }))
    lives.#lives = [await lives.#live('first'), await lives.#live('second')]
    lives.#collectionId = (await lives.store.createCollection({ name: 'model', description: '', embedding: null })).id
    return lives
  }

  async #live(owner: string): Promise<Life> {
    const store = await openSqliteStore({ file: this.file })
    const state = { dead: false }
    const mortal = new Proxy(store, {
      get: (target, name) => {
        const value: unknown = Reflect.get(target, name)
        if (typeof value !== 'function') return value
        return (...args: unknown[]) => (state.dead ? new Promise(() => {}) : Reflect.apply(value, target, args))
      },
    })
    const engine = createEngine({
      store: mortal,
      queue: mortal,
      parser: plainParser,
      vault: { credentials: async () => undefined },
      connectors: this.connectors,
      log: silent,
      owner,
      leaseMs: 1_500,
      pollMs: 25,
      settings: { retry: { attempts: 2, baseMs: 1 }, stallMs: 2_000 },
    })
    await engine.start()
    return { owner, store, engine, state }
  }

  async addConnector(connector: SourceConnector): Promise<string> {
    this.connectors.set(connector.name, connector)
    const made = await this.store.createConnector({
      name: connector.name,
      type: connector.name,
      collectionId: this.#collectionId,
      config: {},
      enabled: true,
      activated: true,
      schedule: null,
      timezone: 'UTC',
      limits: { maxFileBytes: 1_000_000 },
    })
    return made.id
  }

  async queue(connectorId: string, params: JobParams, kind: JobKind): Promise<Job> {
    const job = await this.store.enqueue({ connectorId, kind, params })
    for (const { engine } of this.#lives) engine.wake()
    return job
  }

  async ended(jobId: string): Promise<Job> {
    for (const until = Date.now() + 20_000; Date.now() < until; ) {
      const job = await this.store.job(jobId)
      if (job?.completedAt !== undefined) return job
      await new Promise((resolve) => setTimeout(resolve, 5))
    }
    throw new Error(`Job ${jobId} does not end: ${JSON.stringify(await this.store.job(jobId))}`)
  }

  cancel(jobId: string): void {
    for (const { engine } of this.#lives) void engine.cancel(jobId)
  }

  /** As after a machine's sleep: another attempt begins while the one before still runs. */
  async loseLeases(): Promise<void> {
    for (const { owner } of this.#lives) await this.store.recover(owner)
    for (const { engine } of this.#lives) engine.wake()
  }

  /** Both stop as at a shutdown, or die where they stand, and are started again. */
  async restart(how: 'stop' | 'die'): Promise<void> {
    const before = this.#lives
    if (how === 'die') for (const { state } of before) state.dead = true
    await Promise.all(before.map(({ engine }) => engine.stop({ timeoutMs: how === 'die' ? 1 : 3_000 })))
    for (const { state } of before) state.dead = true
    await Promise.all(before.map(({ store }) => store.close()))
    this.#lives = []
    for (const { owner } of before) this.#lives.push(await this.#live(owner))
  }

  async close(): Promise<void> {
    await Promise.all(this.#lives.map(({ engine }) => engine.stop({ timeoutMs: 1_000 })))
    await Promise.all([this.store, ...this.#lives.map(({ store }) => store)].map((store) => store.close()))
    await rm(this.#folder, { recursive: true, force: true })
  }
}
