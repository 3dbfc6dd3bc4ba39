import type { Json, SourceConnector } from '@cx/core'
import { createTestLog, type TestLog } from '../fakes/log.ts'
import type { Fixture, World } from '../fixture.ts'
import { must, NotApplicable, show } from '../law.ts'
import { createFaultFetch } from './fault-fetch.ts'
import type { FaultKind, Faults } from './faults.ts'
import { validate } from './schema.ts'
import { Session } from './session.ts'

export interface OpenOptions {
  readonly config?: Readonly<Record<string, Json>>
  readonly credentials?: Readonly<Record<string, Json>>
  readonly signal?: AbortSignal
}

/** One document as the kit put it. */
export interface Planted {
  readonly key: string
  readonly path: string
  readonly content: string
}

/** What a law works on: the connector, a world of its own, and everything that must be put away afterwards. */
export class Bench {
  readonly connector: SourceConnector
  readonly fixture: Fixture
  readonly log: TestLog = createTestLog()
  /** Bytes for the law of large streams. */
  readonly bigBytes: number
  #world: World | undefined
  #wire: ReturnType<typeof createFaultFetch> | undefined
  #bodies: ((text: string) => void) | undefined
  #open: Session[] = []
  #written = 0

  constructor(connector: SourceConnector, fixture: Fixture, options: { readonly bigBytes: number }) {
    this.connector = connector
    this.fixture = fixture
    this.bigBytes = options.bigBytes
  }

  /** The world of this law, started at first use. */
  async world(): Promise<World> {
    if (this.#world) return this.#world
    const world = await this.fixture.start()
    this.#world = world
    this.#wire = createFaultFetch(world.fetch ?? globalThis.fetch, {
      answer: world.answer?.bind(world),
      watcher: () => this.#bodies,
    })
    return world
  }

  /** Puts the current world away and starts another one. */
  async anotherWorld(): Promise<World> {
    await this.close()
    return this.world()
  }

  /** Opens a session as the host does: validated configuration, fresh credentials, the host's `fetch`. */
  async open(options: OpenOptions = {}): Promise<Session> {
    const world = await this.world()
    const checked = validate(this.connector.config, options.config ?? world.config)
    must(checked.ok, () => `The fixture's config is refused by the connector's own schema: ${show(checked)}`)
    const credentials = options.credentials ?? world.credentials ?? { method: 'none' }
    const controller = new AbortController()
    const signal = options.signal ?? controller.signal
    const connection = {
      config: checked.value,
      credentials: async () => structuredClone(credentials) as never,
      fetch: this.#wire!.fetch,
      log: this.log,
      signal,
    }
    const raw = await this.connector.connect(connection as never)
    const session: Session = new Session({
      connector: this.connector,
      session: raw,
      config: checked.value,
      log: this.log,
      signal,
      onClose: () => {
        this.#open = this.#open.filter((one) => one !== session)
      },
    })
    this.#open.push(session)
    return session
  }

  /**
   * The faults of the way to the source. Call it after a healthy listing: what made no call by then cannot be disturbed.
   * @throws NotApplicable
   */
  faults(...kinds: readonly FaultKind[]): Faults {
    const faults = this.#world?.faults ?? this.#wire?.faults
    if (faults === undefined || (this.#world?.faults === undefined && faults.calls().length === 0))
      throw new NotApplicable("the connector makes no call through the host's `fetch`, and the fixture has no `faults`")
    const missing = kinds.filter((kind) => !faults.supports.includes(kind))
    if (missing.length > 0) throw new NotApplicable(`the fixture's \`faults\` cannot do ${missing.join(', ')}`)
    return faults
  }

  /** Shows every answer's text to `look` from now on. Says whether it can: only what goes through `fetch` is seen. */
  watchBodies(look: ((text: string) => void) | undefined): boolean {
    this.#bodies = look
    return this.#world?.faults === undefined && (this.#wire?.faults.calls().length ?? 0) > 0
  }

  /** One line that occurs nowhere else, always equally long. */
  content(): string {
    this.#written += 1
    return `kitcontent${String(this.#written).padStart(6, '0')}end`
  }

  path(key: string): string {
    return this.#world?.pathOf?.(key) ?? key
  }

  async put(key: string, content: string = this.content()): Promise<Planted> {
    const world = await this.world()
    await world.put(key, content)
    await world.settle?.()
    return { key, path: this.path(key), content }
  }

  async remove(key: string): Promise<void> {
    const world = await this.world()
    await world.remove(key)
    await world.settle?.()
  }

  /** Fills the world with documents in several directories. */
  async plant(count: number = this.fixture.entries ?? 12): Promise<readonly Planted[]> {
    const world = await this.world()
    const folders = ['', 'docs/', 'docs/deep/', 'notes/']
    const documents = Array.from({ length: count }, (_, index) => ({
      key: `${folders[index % folders.length]}note${String(index).padStart(5, '0')}.md`,
      content: this.content(),
    }))
    if (world.putAll) await world.putAll(documents)
    else for (const { key, content } of documents) await world.put(key, content)
    await world.settle?.()
    return documents.map((document) => ({ ...document, path: this.path(document.key) }))
  }

  async close(): Promise<void> {
    const world = this.#world
    for (const session of [...this.#open]) await session.close().catch(() => {})
    this.#world = undefined
    this.#wire = undefined
    await world?.close()
  }
}
