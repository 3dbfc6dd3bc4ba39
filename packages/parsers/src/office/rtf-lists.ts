import { countItem, type ListLevel, type ListOverride, type ListShape } from './list-counts.ts'
import { listLabel } from './numbers.ts'

const maxLists = 20_000
const maxLevels = 9
/** Where the text of a level is no longer one that anybody shows. */
const maxChars = 200

interface Draft {
  start: number
  format: number
  text: string
  restart: number | undefined
  legal: boolean
}

/** `\listtable` and `\listoverridetable` of an RTF document: how items are numbered whose writer did not put the number in front. */
export class RtfLists {
  readonly #shapes = new Map<number, ListShape>()
  readonly #overrides = new Map<number, ListOverride>()
  #levels: ListLevel[] = []
  #id = 0
  #number = -1
  #override: ListOverride | undefined
  /** Level that the override which is read shapes otherwise. */
  #at = -1
  #start: number | undefined
  #restarts = false
  #level: Draft | undefined
  #inText = false

  /** Hears a word in one of the tables; gives what is to be done when the group ends that it begins. */
  control(word: string, parameter = 0): (() => void) | undefined {
    const level = this.#level
    switch (word) {
      case 'list':
        this.#levels = []
        this.#id = 0
        return () => this.#endList()
      case 'listoverride':
        this.#override = { list: 0, starts: new Map(), levels: new Map(), begun: new Set() }
        this.#number = -1
        this.#at = -1
        return () => this.#endOverride()
      case 'lfolevel':
        this.#at++
        this.#start = undefined
        this.#restarts = false
        return () => this.#endOverriddenLevel()
      case 'listlevel':
        this.#level = { start: 1, format: 0, text: '', restart: undefined, legal: false }
        return () => this.#endLevel()
      case 'leveltext':
        this.#inText = level !== undefined
        return () => {
          this.#inText = false
        }
      case 'listid':
        this.#id = parameter
        break
      case 'ls':
        this.#number = parameter
        break
      case 'listoverridestartat':
        this.#restarts = true
        break
      case 'levelstartat':
        if (level) level.start = parameter
        else this.#start = parameter
        break
      case 'levelnfc':
      case 'levelnfcn':
        if (level) level.format = parameter
        break
      case 'levelnorestart':
        if (level && parameter === 1) level.restart = 0
        break
      case 'levellegal':
        if (level) level.legal = parameter === 1
        break
    }
    return undefined
  }

  text(text: string): void {
    if (this.#inText && this.#level && this.#level.text.length < maxChars) this.#level.text += text
  }

  /** Whether paragraphs with this `\ls` belong to a list. */
  has(number: number): boolean {
    return this.#overrides.has(number)
  }

  /** Counts the next item: its label, `-` where it has no number; undefined when the list is unknown. */
  label(number: number, level: number): string | undefined {
    const override = this.#overrides.get(number)
    const shape = override && this.#shapes.get(override.list)
    return shape && countItem(override, shape, level)
  }

  #endList(): void {
    if (this.#shapes.size < maxLists) this.#shapes.set(this.#id, { levels: this.#levels, counts: [] })
  }

  #endOverride(): void {
    const override = this.#override
    this.#override = undefined
    if (override && this.#number >= 0 && this.#overrides.size < maxLists)
      this.#overrides.set(this.#number, { ...override, list: this.#id })
  }

  #endOverriddenLevel(): void {
    const start = this.#start ?? this.#override?.levels.get(this.#at)?.start
    if (this.#restarts && start !== undefined && this.#at < maxLevels) this.#override?.starts.set(this.#at, start)
  }

  #endLevel(): void {
    const level = this.#level
    this.#level = undefined
    if (!level) return
    // The first character says how many follow.
    const done = { ...level, text: level.text.slice(1, 1 + (level.text.charCodeAt(0) || 0)) }
    if (this.#override) {
      if (this.#at >= 0 && this.#at < maxLevels) this.#override.levels.set(this.#at, done)
    } else if (this.#levels.length < maxLevels) this.#levels.push(done)
  }
}

/** Numbering as Word 6 and 95 write it, with the paragraph: `{\*\pn\pnlvlbody\pndec\pnstart1{\pntxta .}}`. */
export class RtfOldNumber {
  #format: string | undefined
  #next = 1
  before = ''
  after = ''

  control(word: string, parameter = 1): void {
    if (word === 'pnstart') this.#next = parameter
    else this.#format = oldFormats.get(word) ?? this.#format
  }

  /** Counts the next item. */
  label(): string {
    return this.#format === undefined
      ? '-'
      : `${this.before}${listLabel(this.#next++, this.#format)}${this.after}`.trim()
  }
}

const oldFormats = new Map([
  ['pndec', 'decimal'],
  ['pncard', 'decimal'],
  ['pnord', 'decimal'],
  ['pnordt', 'decimal'],
  ['pnucltr', 'upperLetter'],
  ['pnlcltr', 'lowerLetter'],
  ['pnucrm', 'upperRoman'],
  ['pnlcrm', 'lowerRoman'],
])
