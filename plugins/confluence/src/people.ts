import type { Principal } from '@cx/core'
import { concernsPart } from './errors.ts'
import type { Call, Member, Wiki } from './wiki.ts'

/** Names and addresses of people by the ids in mentions and permissions, asked for once a run. */
export class People {
  readonly #wiki: Wiki
  readonly #known = new Map<string, Member | undefined>()

  constructor(wiki: Wiki) {
    this.#wiki = wiki
  }

  /** Those of these that are known. Where they may not be looked up, nobody is. */
  async of(ids: Iterable<string>, call: Call): Promise<ReadonlyMap<string, Member>> {
    const wanted = [...new Set(ids)].filter((id) => id !== '')
    const unknown = wanted.filter((id) => !this.#known.has(id))
    if (unknown.length > 0) {
      const found = await this.#wiki.people(unknown, call).catch((error: unknown): ReadonlyMap<string, Member> => {
        if (concernsPart(error)) return new Map()
        throw error
      })
      for (const id of unknown) this.#known.set(id, found.get(id))
    }
    const told = new Map<string, Member>()
    for (const id of wanted) {
      const member = this.#known.get(id)
      if (member) told.set(id, member)
    }
    return told
  }

  /** The same principals, with addresses of people where they are known. */
  async named(principals: readonly Principal[], call: Call): Promise<readonly Principal[]> {
    const bare = principals.flatMap((one) => (one.type === 'user' && one.email === undefined ? [one.id] : []))
    if (bare.length === 0) return principals
    const known = await this.of(bare, call)
    return principals.map((one) => {
      const member = one.type === 'user' ? known.get(one.id) : undefined
      return member ? { type: 'user', id: member.id, ...(member.email ? { email: member.email } : {}) } : one
    })
  }
}
