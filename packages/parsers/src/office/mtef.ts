const [end, line, char, template, pile, matrix, embellishment, ruler, font, size, full, subSymbol] = [
  0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 14,
]
const [root, fraction, script, underBar, overBar] = [13, 14, 15, 16, 17]
/** Selectors before it put something around their slot; from the second on there are large operators. */
const [lastFence, firstOperator, lastOperator, integral, sum] = [12, 21, 36, 42, 43]
const oleHeadBytes = 28
const versionOfWord = 3
const maxDepth = 60
const maxRecords = 20_000

/** The slots of a template, and the signs that it draws itself. */
interface Parts {
  readonly slots: string[]
  readonly signs: string[]
}

/**
 * The stream `Equation Native` of Equation Editor 3 (MTEF version 3, as Design Science has published it) as one line:
 * `(a + b)/(2c)`. Empty where it is of another version; of a damaged one, what comes before the damage.
 */
export function equationText(bytes: Uint8Array): string {
  if (bytes[oleHeadBytes] !== versionOfWord) return ''
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const reader = new Reader(view, oleHeadBytes + 5)
  const { slots, signs } = reader.list(0)
  return [...slots, ...signs].join(' ').replace(/\s+/g, ' ').trim()
}

class Reader {
  readonly #view: DataView
  #at: number
  #records = 0

  constructor(view: DataView, at: number) {
    this.#view = view
    this.#at = at
  }

  /** The records up to the one that ends them: slots are lines of their own. */
  list(depth: number, inLine = false): Parts {
    const parts: Parts = { slots: [], signs: [] }
    while (this.#at < this.#view.byteLength && this.#records++ < maxRecords && depth < maxDepth) {
      const tag = this.#byte()
      const kind = tag & 15
      if (kind === end) break
      if (!this.#record(kind, tag >> 4, parts, depth, inLine)) {
        this.#at = this.#view.byteLength
        break
      }
    }
    return parts
  }

  /** False for what is no record. */
  #record(kind: number, flags: number, { slots, signs }: Parts, depth: number, inLine: boolean): boolean {
    if (kind >= full && kind <= subSymbol) return true
    if (kind === size) this.#skip([101, 100].includes(this.#peek()) ? (this.#peek() === 101 ? 3 : 4) : 2)
    else if (kind === font) for (this.#skip(2); this.#byte() !== 0; );
    else if (kind === ruler) this.#skip(this.#byte() * 3)
    else {
      if ((flags & 8) !== 0) this.#nudge()
      if (kind === line) {
        if ((flags & 4) !== 0) this.#skip(2)
        if ((flags & 2) !== 0) this.#ruler()
        // Within a line there are signs alone, in their order.
        slots.push((flags & 1) === 0 ? this.list(depth + 1, true).signs.join('') : '')
      } else if (kind === char) signs.push(this.#char(flags, depth))
      else if (kind === template) {
        const [selector, variation] = [this.#byte(), this.#byte()]
        this.#skip(1)
        signs.push(written(selector, variation, this.list(depth + 1)))
      } else if (kind === pile) {
        this.#skip(2)
        if ((flags & 2) !== 0) this.#ruler()
        const rows = this.list(depth + 1).slots.join('; ')
        if (inLine) signs.push(rows)
        else slots.push(rows)
      } else if (kind === matrix) {
        const cells = this.#matrix(depth)
        if (inLine) signs.push(cells)
        else slots.push(cells)
      } else if (kind === embellishment) signs.push(this.#byte() === 5 ? '′' : '')
      else return false
    }
    return true
  }

  #char(flags: number, depth: number): string {
    this.#skip(1)
    const code = this.#byte() | (this.#byte() << 8)
    // Spaces stand in the private area.
    const text = code < 32 || (code >= 0xe000 && code <= 0xf8ff) ? ' ' : String.fromCharCode(code)
    return (flags & 2) === 0 ? text : text + this.list(depth + 1).signs.join('')
  }

  #matrix(depth: number): string {
    this.#skip(3)
    const [rows, columns] = [this.#byte(), this.#byte()]
    // Two bits for each line between them.
    this.#skip(Math.ceil((rows + 1) / 4) + Math.ceil((columns + 1) / 4))
    const { slots } = this.list(depth + 1)
    const lines: string[] = []
    for (let n = 0; n < slots.length; n += Math.max(1, columns)) lines.push(slots.slice(n, n + columns).join(', '))
    return lines.join('; ')
  }

  #ruler(): void {
    this.#skip(1)
    this.#skip(this.#byte() * 3)
  }

  #nudge(): void {
    const [across, down] = [this.#byte(), this.#byte()]
    if (across === 128 && down === 128) this.#skip(4)
  }

  #peek(): number {
    return this.#at < this.#view.byteLength ? this.#view.getUint8(this.#at) : 0
  }

  #byte(): number {
    const byte = this.#peek()
    this.#at++
    return byte
  }

  #skip(count: number): void {
    this.#at += count
  }
}

function written(selector: number, variation: number, { slots, signs }: Parts): string {
  const [first = '', second = '', third = ''] = slots
  if (selector === fraction) return `${alone(first)}/${alone(second)}`
  if (selector === script) return below(first) + above(second)
  if (selector === root) return variation === 0 ? `√${alone(first)}` : `${alone(second)}√${alone(first)}`
  if (selector === underBar || selector === overBar) return first
  if (selector <= lastFence) return `${signs[0] ?? ''}${slots.join(', ')}${signs[1] ?? ''}`
  if ((selector >= firstOperator && selector <= lastOperator) || selector === integral || selector === sum)
    return `${signs.join('')}${below(second)}${above(third)} ${first}`
  return [...slots, ...signs].join(' ')
}

const below = (text: string): string => (text === '' ? '' : `_${grouped(text)}`)
const above = (text: string): string => (text === '' ? '' : `^${grouped(text)}`)

/** In parentheses where it is more than a number or a letter. */
function alone(text: string): string {
  return /^(\p{L}|[\p{N}.]+)$/u.test(text) ? text : `(${text})`
}

/** In parentheses where it is more than a number or a name. */
function grouped(text: string): string {
  return /^[\p{L}\p{N}.]+$/u.test(text) ? text : `(${text})`
}
