import { type OdfStyles, odfLabel, outlineList } from './odf-styles.ts'
import { attr, numberAttr } from './xml.ts'

interface List {
  readonly style: string | undefined
  /** Of the item shown last. */
  count: number | undefined
  /** It goes on with the numbers of one before. */
  readonly continues: boolean
  start: number | undefined
  /** The item that is open has shown its number. */
  labelled: boolean
  begun: boolean
}

const maxIds = 10_000

/** Counts items and headings (OASIS ODF 1.3 part 3, 5.3 and 16.30). */
export class OdfLists {
  readonly #styles: OdfStyles
  #open: List[] = []
  readonly #outer: List[][] = []
  /** The last numbers of a style, by level. */
  readonly #last = new Map<string, number[]>()
  readonly #byId = new Map<string, List>()
  readonly #headings: number[] = []

  constructor(styles: OdfStyles) {
    this.#styles = styles
  }

  get depth(): number {
    return this.#open.length
  }

  /** The item has its number already: what comes is one more paragraph of it. */
  get labelled(): boolean {
    return this.#open.at(-1)?.labelled === true
  }

  open(attrs: string): void {
    const above = this.#open.at(-1)
    const style = attr(attrs, 'text:style-name') ?? above?.style
    const goesOn = attrs.includes('continue-')
    const from = goesOn ? attr(attrs, 'continue-list') : undefined
    // A sublist that stands alone in a list that goes on, goes on as well.
    const continues =
      from !== undefined ||
      (goesOn && attr(attrs, 'continue-numbering') === 'true') ||
      (above?.continues === true && !above.begun)
    const before = from === undefined ? undefined : this.#byId.get(from)?.count
    const count = continues ? (before ?? this.#last.get(style ?? '')?.[this.#open.length]) : undefined
    const list: List = { style, count, continues, start: undefined, labelled: false, begun: false }
    this.#open.push(list)
    const id = attr(attrs, 'xml:id')
    if (id !== undefined && this.#byId.size < maxIds) this.#byId.set(id, list)
  }

  close(): void {
    this.#open.pop()
  }

  item(attrs: string): void {
    const list = this.#open.at(-1)
    if (!list) return
    list.start = numberAttr(attrs, 'start-value')
    list.labelled = false
  }

  /** An item without number. */
  header(): void {
    const list = this.#open.at(-1)
    if (list) list.labelled = true
  }

  /** Counts the item that is open; `-` when it shows no number. */
  label(paragraphStyle: string | undefined): string {
    const list = this.#open.at(-1)
    if (!list) return '-'
    const depth = this.#open.length
    const fallback = list.style === undefined ? this.#styles.listOf(paragraphStyle) : undefined
    const own = this.#styles.level(list.style ?? fallback, depth)
    list.labelled = true
    list.begun = true
    const key = list.style ?? ''
    let last = this.#last.get(key)
    if (last && last.length > depth) last.length = depth
    if (!own) return '-'
    list.count = list.start ?? (list.count === undefined ? own.start : list.count + 1)
    list.start = undefined
    if (!last) {
      last = []
      this.#last.set(key, last)
    }
    last[depth - 1] = list.count
    const levels = this.#open.map((each, n) => this.#styles.level(each.style ?? fallback, n + 1))
    // What is skipped on the way down has begun as well.
    this.#open.forEach((each, n) => {
      each.count ??= levels[n]?.start
    })
    return odfLabel(
      levels,
      this.#open.map((each, n) => each.count ?? levels[n]?.start ?? 1),
    )
  }

  /** The number of a heading by the outline of all of them; empty when it has none. */
  heading(level: number, style: string | undefined, attrs: string): string {
    const own = this.#styles.level(outlineList, level)
    if (!own || level > 10) return ''
    const counts = this.#headings
    if (attr(attrs, 'is-list-header') === 'true' || this.#styles.listOf(style) === '') return ''
    const start = numberAttr(attrs, 'start-value') ?? own.start
    counts.length = Math.min(counts.length, level)
    counts[level - 1] =
      attr(attrs, 'restart-numbering') === 'true' || counts[level - 1] === undefined ? start : counts[level - 1]! + 1
    const levels = Array.from({ length: level }, (_, n) => this.#styles.level(outlineList, n + 1))
    const label = odfLabel(
      levels,
      levels.map((each, n) => counts[n] ?? each?.start ?? 1),
    )
    return label === '-' ? '' : label
  }

  /** A text box, a cell or a note begins: lists around it do not concern it. */
  suspend(): void {
    this.#outer.push(this.#open)
    this.#open = []
  }

  resume(): void {
    this.#open = this.#outer.pop() ?? []
  }
}
