import type { Connection } from './connection.ts'
import { ftsTerm, type Term } from './query.ts'
import { shadow } from './shadow.ts'

/** Share of all chunks above which a word says too little to be looked for beside others. */
const commonShare = 0.15
/** Below so many chunks nothing is worth dropping. */
const smallIndex = 20_000
const sample = 2_000
const ageMs = 60_000
/** Rows that are read to learn how frequent a prefix is, for each that may be merged: that takes five times as long. */
const prefixCost = 3
/** Words that are looked for instead of a prefix, at most. */
const mostWords = 200
/** Documents' keys are the upper part of their chunks'. */
const documentBits = 2 ** 20

/** What of a query is looked for, and how much of it. */
export interface Selection {
  readonly terms: readonly Term[]
  /** About how many rows the words stand in, added up. Phrases and prefixes are not counted. */
  readonly frequency: number
  /** False when even the rarest word is too frequent to weigh: newest first then. */
  readonly ranked: boolean
  /** Only some of the words with a prefix are looked for. */
  readonly partial: boolean
}

/** Words that begin alike: all, or as many as can be looked for. */
interface Family {
  readonly words: readonly string[]
  readonly rows: number
  readonly all: boolean
}

/** What the index knows of words, remembered for a minute. */
export class Vocabulary {
  readonly #db: Connection
  readonly #frequencies = new Map<string, number>()
  readonly #families = new Map<string, Family>()
  #chunks = 0
  #lastDocument = 0
  #countedAt = 0
  #prepared = false

  constructor(db: Connection) {
    this.#db = db
  }

  /** Matches that are ranked at most: what stays below 20 ms at 100,000 chunks and below 100 ms at a million. */
  get mostToRank(): number {
    if (this.#chunks < smallIndex) return smallIndex
    return Math.min(50_000, Math.max(6_000, Math.round(this.#chunks / 20)))
  }

  /** Rows that may be read to learn how frequent words are, or how many matches there are: 40 ns each. */
  get mostToRead(): number {
    return Math.min(400_000, Math.max(60_000, Math.round(this.#chunks * 0.4)))
  }

  /** Terms that the tokenizer finds a word in; one without would match nothing. */
  usable(terms: readonly Term[]): readonly Term[] {
    const words = this.#tokens(terms)
    return terms.filter((_, i) => words.has(i))
  }

  /** The terms without very common words, unless there are no others; of only such, the rarest. */
  select(terms: readonly Term[]): Selection {
    this.#refresh()
    if (this.#chunks < smallIndex) return { terms, frequency: this.#chunks, ranked: true, partial: false }
    const tokens = this.#tokens(terms)
    const weighed = terms.map((term, i) => this.#weigh(term, tokens.get(i) ?? []))
    const limit = this.#chunks * commonShare
    const telling = weighed.filter(({ frequency, partial }) => frequency <= limit && !partial)
    const kept = telling.length > 0 ? telling : affordable(weighed, this.mostToRead)
    const frequency = kept.reduce((sum, one) => sum + one.frequency, 0)
    return {
      terms: kept.map(({ term }) => term),
      frequency,
      ranked: frequency <= this.mostToRead,
      partial: kept.some(({ partial }) => partial),
    }
  }

  #weigh(term: Term, tokens: readonly string[]): Weighed {
    if (term.kind === 'prefix') {
      const family = this.#family(tokens.at(-1) ?? '')
      if (family.all) return { term, frequency: tokens.length === 1 ? family.rows : 0, partial: false }
      // All that begins so would have to be merged before the first match is known.
      if (tokens.length === 1) return { term: { ...term, words: family.words }, frequency: family.rows, partial: true }
      return { term: { ...term, kind: 'phrase' }, frequency: 0, partial: false }
    }
    // What is no single word is the rarer for it, and is always kept.
    const frequency = term.kind === 'word' && tokens.length === 1 ? this.#frequency(term) : 0
    return { term, frequency, partial: false }
  }

  #family(prefix: string): Family {
    let family = this.#families.get(prefix)
    if (family === undefined) {
      const words: string[] = []
      let rows = 0
      let all = true
      for (const { term, doc } of this.#db
        .prepare<{ term: string; doc: number }>('SELECT term, doc FROM temp.words WHERE term >= ? AND term < ?')
        .iterate(prefix, `${prefix}\u{10ffff}`)) {
        if (words.length > 0 && (rows + doc > this.mostToRead / prefixCost || words.length === mostWords)) {
          all = false
          break
        }
        words.push(term)
        rows += doc
      }
      family = { words, rows, all }
      this.#families.set(prefix, family)
    }
    return family
  }

  /** In how many chunks a word stands: exact where it is rare, else as its first matches let expect. */
  #frequency(term: Term): number {
    let frequency = this.#frequencies.get(term.text)
    if (frequency === undefined) {
      const row = this.#db.get<{ n: number; last: number | null }>(
        `SELECT count(*) AS n, max(no) AS last FROM (SELECT rowid AS no FROM chunks_fts WHERE chunks_fts MATCH ? LIMIT ${sample})`,
        ftsTerm(term),
      )
      const { n = 0, last = 0 } = row ?? {}
      const seen = Math.min(1, Math.max(1, Math.floor((last ?? 0) / documentBits)) / this.#lastDocument)
      frequency = n < sample ? n : Math.min(this.#chunks, Math.round(n / seen))
      this.#frequencies.set(term.text, frequency)
    }
    return frequency
  }

  #refresh(): void {
    this.#prepare()
    if (Date.now() - this.#countedAt < ageMs && this.#frequencies.size + this.#families.size < 10_000) return
    this.#frequencies.clear()
    this.#families.clear()
    this.#countedAt = Date.now()
    this.#chunks = this.#db.get<{ n: number }>('SELECT ifnull(sum(chunks), 0) AS n FROM document_counts')?.n ?? 0
    const last = this.#db.get<{ no: number }>('SELECT no FROM chunks ORDER BY no DESC LIMIT 1')?.no ?? 0
    this.#lastDocument = Math.max(1, Math.floor(last / documentBits))
  }

  /** The words that the index would make of each term, where there are any. The tokenizer can only be asked through a table. */
  #tokens(terms: readonly Term[]): Map<number, string[]> {
    const tokens = new Map<number, string[]>()
    if (terms.length === 0) return tokens
    this.#prepare()
    for (const [i, term] of terms.entries())
      this.#db.run('INSERT INTO temp.probe (rowid, text) VALUES (?, ?)', i, shadow(term.text))
    for (const { doc, term } of this.#db.all<{ doc: number; term: string }>(
      'SELECT doc, term FROM temp.probe_words ORDER BY doc, "offset"',
    ))
      tokens.set(doc, [...(tokens.get(doc) ?? []), term])
    this.#db.run(`INSERT INTO temp.probe (probe) VALUES ('delete-all')`)
    return tokens
  }

  #prepare(): void {
    if (this.#prepared) return
    this.#prepared = true
    this.#db.raw.exec(`
      CREATE VIRTUAL TABLE temp.probe USING fts5 (text, content = '', tokenize = 'porter unicode61 remove_diacritics 2');
      CREATE VIRTUAL TABLE temp.probe_words USING fts5vocab (temp, probe, instance);
      CREATE VIRTUAL TABLE temp.words USING fts5vocab (main, chunks_fts, row);
    `)
  }
}

interface Weighed {
  readonly term: Term
  readonly frequency: number
  readonly partial: boolean
}

/** The rarest of nothing but common words, as many as can be weighed; at least one. */
function affordable(weighed: readonly Weighed[], most: number): readonly Weighed[] {
  const byFrequency = [...weighed].sort((a, b) => a.frequency - b.frequency)
  const kept = new Set<Weighed>()
  let sum = 0
  for (const one of byFrequency) {
    sum += one.frequency
    if (kept.size > 0 && sum > most) break
    kept.add(one)
  }
  return weighed.filter((one) => kept.has(one))
}
