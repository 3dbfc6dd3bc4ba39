import {
  type Acl,
  ConnectorError,
  checkpoint,
  defineConnector,
  type Entry,
  removed,
  type SourceConnector,
} from '@cx/core'

/** Numbers that a seed brings back: mulberry32. */
export class Random {
  #state: number

  constructor(seed: number) {
    this.#state = seed >>> 0
  }

  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0
    let t = this.#state
    t = Math.imul(t ^ (t >>> 15), t | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32
  }

  below(n: number): number {
    return Math.floor(this.next() * n)
  }

  chance(p: number): boolean {
    return this.next() < p
  }

  pick<T>(items: readonly T[]): T {
    return items[this.below(items.length)] as T
  }
}

export interface Living {
  readonly id: string
  path: string
  content: string
  title: string
  acl: Acl
  /** When it came to be where it is. */
  since: number
}

export interface Character {
  readonly feed: boolean
  /** Access lists come with the listing, or are asked for. */
  readonly aclsApart: boolean
  /** Ids outlive a rename. */
  readonly stableIds: boolean
  readonly honoursPaths: boolean
  readonly size: number
}

const folders = ['a/', 'a/b/', 'c/', 'ü/', '']
const people = ['ann', 'bob', 'cy']

/** A source that changes by chance, at any time, and breaks by chance until it is calm. */
export class Chaos {
  readonly living = new Map<string, Living>()
  readonly log: ({ readonly id: string } | { readonly gone: string })[] = []
  readonly events: string[] = []
  readonly random: Random
  readonly character: Character
  calm = true
  now = 0
  /** Called at every page, read and question; what a test does in the middle of a run. */
  onStep: () => unknown = () => {}
  /** When it was last asked for a listing, from wherever, or for what changed, to the end. */
  listBegun = 0
  expireCursors = false
  #made = 0
  #closed = ''

  constructor(seed: number) {
    this.random = new Random(seed)
    const { random } = this
    this.character = {
      feed: random.chance(0.5),
      aclsApart: random.chance(0.4),
      stableIds: random.chance(0.6),
      honoursPaths: random.chance(0.6),
      size: random.chance(0.25) ? 70 : 12 + random.below(25),
    }
    while (this.living.size < this.character.size) this.#create()
  }

  /** One change. */
  mutate(): void {
    const { random } = this
    const all = [...this.living.values()]
    const one = all.length > 0 ? random.pick(all) : undefined
    const dice = random.below(12)
    if (random.chance(0.01)) this.#clear(random.pick(folders))
    else if (one === undefined || (dice < 3 && all.length < this.character.size * 1.3)) this.#create()
    else if (dice < 6) this.#edit(one, this.#content())
    else if (dice === 6) {
      // There and back again: the version that was indexed may come back.
      const before = one.content
      this.#edit(one, this.#content())
      this.#edit(one, before)
    } else if (dice === 7) this.#rename(one)
    else if (dice === 8) {
      one.acl = this.#acl()
      one.title = `Title ${this.#made++}`
      this.#tell(one, 'acl and title')
    } else {
      this.#remove(one)
      // Put back as it was, as out of a bin.
      if (dice > 9) return
      this.living.set(one.id, { ...one, since: ++this.now })
      this.#tell(one, 'restored')
    }
  }

  /** More than the valve lets through, where there are many. */
  #clear(folder: string): void {
    for (const one of [...this.living.values()]) if (one.path.startsWith(folder)) this.#remove(one)
  }

  #create(): void {
    const path = this.#freePath()
    const id = this.character.stableIds ? `id-${this.random.below(this.character.size * 2)}` : path
    if (this.living.has(id)) return
    const made = { id, path, content: this.#content(), title: `Title ${this.#made++}`, acl: this.#acl() }
    this.living.set(id, { ...made, since: ++this.now })
    this.#tell(made, 'created')
  }

  #edit(one: Living, content: string): void {
    one.content = content
    this.#tell(one, 'edited')
  }

  #rename(one: Living): void {
    const path = this.#freePath()
    if (this.character.stableIds) {
      one.path = path
      one.since = ++this.now
      this.#tell(one, 'renamed')
    } else {
      this.#remove(one)
      this.living.set(path, { ...one, id: path, path, since: ++this.now })
      this.#tell({ id: path, path }, 'moved')
    }
  }

  #remove(one: Living): void {
    this.living.delete(one.id)
    this.now++
    this.log.push({ gone: one.id })
    this.events.push(`removed ${one.id} at ${one.path}`)
  }

  #tell({ id, path }: { readonly id: string; readonly path: string }, what: string): void {
    this.log.push({ id })
    this.events.push(`${what} ${id} at ${path}`)
  }

  #freePath(): string {
    const taken = new Set([...this.living.values()].map(({ path }) => path))
    while (true) {
      const path = `${this.random.pick(folders)}${this.random.below(this.character.size * 3)}.txt`
      if (!taken.has(path)) return path
    }
  }

  #content(): string {
    const n = this.#made++
    if (this.random.chance(0.06)) return `unparseable ${n}`
    const paragraphs = Array.from({ length: 1 + this.random.below(4) }, (_, i) => `Paragraph${n}x${i} of words.`)
    return paragraphs.join('\n\n')
  }

  #acl(): Acl {
    const { random } = this
    const some = people.filter(() => random.chance(0.5)).map((id) => ({ type: 'user' as const, id }))
    return { allOf: [some], ...(random.chance(0.2) && { deny: [{ type: 'user', id: random.pick(people) }] }) }
  }

  entry(id: string): Entry {
    const { path, content, title, acl } = this.living.get(id)!
    const { aclsApart } = this.character
    return { id, path, version: `v:${content}`, title, ...(!aclsApart && { acl }) }
  }

  /** What may happen at any step of a run. */
  async step(what: string): Promise<void> {
    await this.onStep()
    if (this.calm) return
    const { random } = this
    if (random.chance(0.15)) this.mutate()
    if (!random.chance(what === 'read' ? 0.05 : 0.08)) return
    this.events.push(`fault at ${what}`)
    switch (random.below(what === 'read' ? 3 : 4)) {
      case 0:
        throw new ConnectorError('unavailable', `Away at ${what}.`)
      case 1:
        throw new ConnectorError('rate_limited', `Slow down at ${what}.`, { retryAfterMs: 2 })
      case 2:
        throw new TypeError(`Stumbled at ${what}.`)
      default:
        throw new ConnectorError('cursor_expired', `Too old at ${what}.`)
    }
  }

  async *list(
    resume: unknown,
    paths: readonly string[] | undefined,
    unreadable: (path: string, error: unknown) => void,
  ) {
    const { random, character } = this
    this.listBegun = this.now
    // What could not be read before the place it goes on from was said then.
    if (resume === undefined) this.#closed = !this.calm && random.chance(0.3) ? random.pick(['a/b', 'c', 'ü']) : ''
    if (this.#closed) unreadable(this.#closed, new ConnectorError('forbidden', 'Closed.'))
    const wanted = (path: string) =>
      !paths || !character.honoursPaths || paths.some((p) => (p.endsWith('/') ? path.startsWith(p) : p === path))
    for (let last = typeof resume === 'string' ? resume : ''; ; ) {
      await this.step('list')
      const page = [...this.living.values()]
        .filter(({ path }) => path > last && wanted(path) && !(this.#closed && path.startsWith(`${this.#closed}/`)))
        .sort((a, b) => (a.path < b.path ? -1 : 1))
        .slice(0, 2 + random.below(8))
      for (const { id } of page) if (this.living.has(id)) yield this.entry(id)
      last = page.at(-1)?.path ?? last
      if (page.length === 0) return
      if (random.chance(0.7)) yield checkpoint(last)
    }
  }

  async *since(cursor: number) {
    if (this.expireCursors) throw new ConnectorError('cursor_expired', 'Too old.')
    const begun = this.now
    let at = cursor
    while (at < this.log.length) {
      await this.step('since')
      for (const end = Math.min(at + 1 + this.random.below(6), this.log.length); at < end; at++) {
        const change = this.log[at]!
        if ('gone' in change) yield removed(change.gone)
        else if (this.living.has(change.id)) yield this.entry(change.id)
      }
      if (this.random.chance(0.7)) yield checkpoint(at)
    }
    yield checkpoint(at)
    this.listBegun = begun
  }

  connector(name: string): SourceConnector {
    const { feed, aclsApart } = this.character
    return defineConnector({
      name,
      title: 'Chaos',
      description: 'Changes and breaks by chance.',
      config: { type: 'object' },
      auth: {},
      connect: () => ({}),
      check: async () => ({ account: 'tester', tenant: 'one' }),
      list: (_session, { resume, paths, unreadable }) => this.list(resume, paths, unreadable),
      read: async (_session, entry) => {
        await this.step('read')
        if (!this.living.has(entry.id)) throw new ConnectorError('not_found', 'Gone.')
        const text = entry.version.slice(2)
        return { body: this.random.chance(0.5) ? text : new Blob([text]).stream(), mimeType: 'text/plain' }
      },
      ...(feed && {
        changes: {
          now: async () => this.log.length,
          since: (_session: unknown, cursor: number) => this.since(cursor),
        },
      }),
      ...(aclsApart && {
        permissions: {
          acls: (_session: unknown, entries: readonly Entry[]) => this.#acls(entries),
        },
      }),
    })
  }

  async *#acls(entries: readonly Entry[]) {
    await this.step('acls')
    for (const { id } of entries) {
      const one = this.living.get(id)
      if (one) yield { id, acl: one.acl }
    }
  }
}
