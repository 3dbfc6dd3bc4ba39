import fc from 'fast-check'
import type { World } from '../fixture.ts'
import { LawBroken } from '../law.ts'
import type { Bench } from './bench.ts'

/** One edit of a random script; what it refers to is chosen among the documents there are at that moment. */
export interface Edit {
  readonly kind: 'add' | 'change' | 'remove' | 'restore' | 'rename' | 'acl'
  readonly pick: number
  readonly folder: string
}

const names = ['', 'docs/', 'docs/deep/', 'notes/']

/** Carries out random edits on a source and remembers what must be there. */
export class Editor {
  /** Content by key. */
  readonly documents: Map<string, string> = new Map()
  readonly #bench: Bench
  readonly #world: World
  /** Content by key, of what was removed. */
  readonly #removed = new Map<string, string>()
  #made = 0

  constructor(bench: Bench, world: World) {
    this.#bench = bench
    this.#world = world
  }

  /** Does it and says what was done; undefined when there was nothing to do it to. */
  async apply(edit: Edit): Promise<string | undefined> {
    const done = await this.#carryOut(edit)
    if (done !== undefined) await this.#world.settle?.()
    return done
  }

  async #carryOut({ kind, pick, folder }: Edit): Promise<string | undefined> {
    const keys = [...this.documents.keys()]
    const key = keys[pick % Math.max(1, keys.length)]
    if (kind === 'add') return this.#put(this.#fresh(folder), 'add')
    if (kind === 'restore') return this.#restore(pick)
    if (key === undefined) return undefined
    if (kind === 'change') return this.#put(key, 'change')
    if (kind === 'remove') {
      await this.#world.remove(key)
      this.#removed.set(key, this.documents.get(key)!)
      this.documents.delete(key)
      return `remove ${key}`
    }
    if (kind === 'rename') return this.#rename(key, this.#fresh(folder))
    if (this.#world.setAcl === undefined) return undefined
    await this.#world.setAcl(key, [{ type: 'user', id: `kit-reader-${pick % 3}` }])
    return `acl ${key}`
  }

  async #put(key: string, what: string): Promise<string> {
    const content = this.#bench.content()
    await this.#world.put(key, content)
    this.documents.set(key, content)
    return `${what} ${key}`
  }

  /** Back under the same name, as it was or with other content. */
  async #restore(pick: number): Promise<string | undefined> {
    const gone = [...this.#removed][pick % Math.max(1, this.#removed.size)]
    if (gone === undefined) return undefined
    const [key, was] = gone
    const content = pick % 2 === 0 ? was : this.#bench.content()
    await this.#world.put(key, content)
    this.#removed.delete(key)
    this.documents.set(key, content)
    return `restore ${key}${content === was ? ' as it was' : ''}`
  }

  async #rename(from: string, to: string): Promise<string | undefined> {
    if (this.#world.rename === undefined) return undefined
    await this.#world.rename(from, to)
    this.documents.set(to, this.documents.get(from)!)
    this.documents.delete(from)
    return `rename ${from} to ${to}`
  }

  #fresh(folder: string): string {
    this.#made += 1
    return `${folder}edit${this.#made}.md`
  }
}

const edit: fc.Arbitrary<Edit> = fc.record({
  kind: fc.constantFrom('add', 'add', 'change', 'remove', 'remove', 'restore', 'restore', 'rename', 'acl'),
  pick: fc.nat(20),
  folder: fc.constantFrom(...names),
})

/**
 * Tries a property of a source with random scripts, each in a world of its own, and reports the shortest script that breaks it.
 *
 * @throws LawBroken with the script and the seed
 */
export async function withRandomScripts(
  bench: Bench,
  attempt: (editor: Editor, script: readonly Edit[], did: string[]) => Promise<void>,
): Promise<string> {
  let last: string[] = []
  let edits = 0
  const result = await fc.check(
    fc.asyncProperty(fc.array(edit, { minLength: 8, maxLength: 16 }), async (script) => {
      const world = await bench.anotherWorld()
      const did: string[] = []
      last = did
      await attempt(new Editor(bench, world), script, did)
      edits += did.length
    }),
    { numRuns: 5, interruptAfterTimeLimit: (bench.fixture.timeoutMs ?? 30_000) * 0.7 },
  )
  if (!result.failed || result.counterexample === null) return `${edits} random edits`
  const cause = result.errorInstance
  if (cause instanceof Error && cause.name === 'NotApplicable') throw cause
  const reason = cause instanceof Error ? cause.message : String(cause)
  throw new LawBroken(`after [${last.join('; ')}]: ${reason} (seed ${result.seed})`)
}
