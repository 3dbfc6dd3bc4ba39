import type { Connection } from './connection.ts'
import { ftsTerm, type Term } from './query.ts'
import { shadow } from './shadow.ts'

/** Share of all chunks above which a word says too little to be looked for beside others. */
const commonShare = 0.15
/** Below so many chunks nothing is worth dropping. */
const smallIndex = 20_000
const sample = 2_000
const ageMs = 60_000
/** Documents' keys are the upper part of their chunks'. */
const documentBits = 2 ** 20

/** What of a query is looked for, and how much of it. */
export interface Selection {
  readonly terms: readonly Term[]
  /** About how many rows the words stand in, added up. Phrases and prefixes are not counted. */
  readonly frequency: number
  /** False when even the rarest word is too frequent to weigh: newest first then. */
  readonly ranked: boolean
}

/** What the index knows of words, remembered for a minute. */
export class Vocabulary {
  readonly #db: Connection
  readonly #frequencies = new Map<string, number>()
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
    return terms.filter((_, i) => (words.get(i) ?? 0) > 0)
  }

  /** The terms without very common words, unless there are no others; of only such, the rarest. */
  select(terms: readonly Term[]): Selection {
    this.#refresh()
    if (this.#chunks < smallIndex) return { terms, frequency: this.#chunks, ranked: true }
    const words = this.#tokens(terms)
    const weighed = terms.map((term, i) => ({
      term,
      // What is no single word is the rarer for it, and is always kept.
      frequency: term.kind === 'word' && words.get(i) === 1 ? this.#frequency(term) : 0,
    }))
    const limit = this.#chunks * commonShare
    const telling = weighed.filter(({ frequency }) => frequency <= limit)
    const kept = telling.length > 0 ? telling : affordable(weighed, this.mostToRead)
    const frequency = kept.reduce((sum, one) => sum + one.frequency, 0)
    return { terms: kept.map(({ term }) => term), frequency, ranked: frequency <= this.mostToRead }
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
    if (Date.now() - this.#countedAt < ageMs && this.#frequencies.size < 10_000) return
    this.#frequencies.clear()
    this.#countedAt = Date.now()
    this.#chunks = this.#db.get<{ n: number }>('SELECT ifnull(sum(chunks), 0) AS n FROM document_counts')?.n ?? 0
    const last = this.#db.get<{ no: number }>('SELECT no FROM chunks ORDER BY no DESC LIMIT 1')?.no ?? 0
    this.#lastDocument = Math.max(1, Math.floor(last / documentBits))
  }

  /** How many words the index would make of each term. The tokenizer can only be asked through a table. */
  #tokens(terms: readonly Term[]): Map<number, number> {
    this.#prepare()
    for (const [i, term] of terms.entries())
      this.#db.run('INSERT INTO temp.probe (rowid, text) VALUES (?, ?)', i, shadow(term.text))
    const rows = this.#db.all<{ doc: number; n: number }>(
      'SELECT doc, count(*) AS n FROM temp.probe_words GROUP BY doc',
    )
    this.#db.run(`INSERT INTO temp.probe (probe) VALUES ('delete-all')`)
    return new Map(rows.map(({ doc, n }) => [doc, n]))
  }

  #prepare(): void {
    if (this.#prepared) return
    this.#prepared = true
    this.#db.raw.exec(`
      CREATE VIRTUAL TABLE temp.probe USING fts5 (text, content = '', tokenize = 'porter unicode61 remove_diacritics 2');
      CREATE VIRTUAL TABLE temp.probe_words USING fts5vocab (temp, probe, instance);
    `)
  }
}

interface Weighed {
  readonly term: Term
  readonly frequency: number
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
