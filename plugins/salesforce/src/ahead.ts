/** Ids kept: how far a listing may run before its readers. */
const longest = 20_000
/** With those who wait, they fit into one query. */
const most = 380

export interface Listed {
  readonly version: string
  readonly title: string
}

/** The ids of a listing that may be read soon, in its order, and how many of them are worth asking for at once. */
export class Ahead {
  #ids: string[] = []
  #first = 0
  readonly #listed = new Map<string, Listed & { readonly place: number }>()
  #window = 0

  add(id: string, listed: Listed): void {
    if (this.#listed.has(id)) return
    this.#listed.set(id, { ...listed, place: this.#first + this.#ids.length })
    this.#ids.push(id)
    if (this.#ids.length > longest) this.#dropBefore(this.#first + longest / 2)
  }

  /** The last batch was used well or not: a first sync reads everything, a later one a few. */
  learn(used: boolean): void {
    this.#window = used ? Math.min(most, Math.max(25, this.#window * 2)) : this.#window >> 2
  }

  /** What is likely asked for after `id`, as it was listed. */
  after(id: string): ReadonlyMap<string, Listed> {
    const at = this.#listed.get(id)
    if (!at) return new Map()
    this.#dropBefore(at.place + 1)
    const next = this.#ids.slice(0, this.#window)
    const found = new Map(next.map((one) => [one, this.#listed.get(one)!]))
    this.#dropBefore(this.#first + next.length)
    return found
  }

  #dropBefore(place: number): void {
    const gone = this.#ids.splice(0, Math.max(0, place - this.#first))
    for (const id of gone) this.#listed.delete(id)
    this.#first += gone.length
  }
}
