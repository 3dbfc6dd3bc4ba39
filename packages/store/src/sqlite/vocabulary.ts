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
/** How many times more a row costs in which the words of a phrase are compared, for each in which its rarest stands. */
const phraseCost = 4
/** Words that are looked for instead of a prefix, at most. */
const mostWords = 200
/** Documents' keys are the upper part of their chunks'. */
const documentBits = 2 ** 20

/** What of a query is looked for, and how much of it. */
export interface Selection {
  readonly terms: readonly Term[]
  /** About how many rows the words stand in, added up, but for phrases. */
  readonly frequency: number
  /** About how many rows matches lead to, at most. */
  readonly rows: number
  /** False when even the rarest word is too frequent to weigh: newest first then. */
  readonly ranked: boolean
  /** To weigh its phrases would read more than may be read: matches are found first, and few of them weighed. */
  readonly costly: boolean
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

  /**
   * The terms without very common words, unless there are no others; of only such, the rarest. Where any will do, phrases
   * of common words are left out in the same way.
   */
  select(terms: readonly Term[], join: 'AND' | 'OR'): Selection {
    this.#refresh()
    const all = this.#chunks
    if (all < smallIndex) return { terms, frequency: all, rows: all, ranked: true, costly: false, partial: false }
    const tokens = this.#tokens(terms)
    const weighed = terms.map((term, i) => this.#weigh(term, tokens.get(i) ?? []))
    const limit = all * commonShare
    const telling = weighed.filter(
      ({ frequency, cost, partial }) => frequency <= limit && !partial && (join === 'AND' || cost <= this.mostToRead),
    )
    const kept = telling.length > 0 ? telling : affordable(weighed, this.mostToRead)
    const frequency = sum(kept.map((one) => one.frequency))
    const rows = kept.map((one) => one.rows)
    return {
      terms: kept.map(({ term }) => term),
      frequency,
      rows: join === 'AND' ? Math.min(...rows) : sum(rows),
      ranked: frequency <= this.mostToRead,
      costly: sum(kept.map(({ cost }) => cost)) > this.mostToRead,
      partial: kept.some(({ partial }) => partial),
    }
  }

  #weigh(term: Term, tokens: readonly string[]): Weighed {
    if (term.or !== undefined) return this.#weighAny(term, term.or, tokens)
    if (tokens.length > 1) {
      const words =
        term.kind === 'prefix' && !this.#family(tokens.at(-1) ?? '').all ? { ...term, kind: 'phrase' as const } : term
      const rows = this.#rarest(words)
      // What is no single word is the rarer for it, and is always kept.
      return { term: words, frequency: 0, rows, cost: rows * phraseCost, partial: false }
    }
    if (term.kind === 'prefix') {
      const { all, rows, words } = this.#family(tokens[0] ?? '')
      // All that begins so would have to be merged before the first match is known.
      return { term: all ? term : { ...term, words }, frequency: rows, rows, cost: 0, partial: !all }
    }
    const frequency = this.#frequency(term.text)
    return { term, frequency, rows: frequency, cost: 0, partial: false }
  }

  #weighAny({ or: _or, ...first }: Term, or: readonly Term[], tokens: readonly string[]): Weighed {
    const others = this.#tokens(or)
    const all = [this.#weigh(first, tokens), ...or.map((term, i) => this.#weigh(term, others.get(i) ?? []))]
    return {
      term: { ...all[0]!.term, or: all.slice(1).map(({ term }) => term) },
      frequency: sum(all.map((one) => one.frequency)),
      rows: sum(all.map((one) => one.rows)),
      cost: sum(all.map((one) => one.cost)),
      partial: all.some(({ partial }) => partial),
    }
  }

  /** In how many chunks the rarest word of a phrase stands; the last of a prefix is no word. */
  #rarest({ text, kind }: Term): number {
    let rarest = this.#chunks
    const words = shadow(text).match(/[\p{L}\p{N}\p{Co}\p{M}]+/gu) ?? []
    for (const word of kind === 'prefix' ? words.slice(0, -1) : words) {
      rarest = Math.min(rarest, this.#frequency(word))
      if (rarest < sample) break
    }
    return rarest
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
  #frequency(word: string): number {
    let frequency = this.#frequencies.get(word)
    if (frequency === undefined) {
      const row = this.#db.get<{ n: number; last: number | null }>(
        `SELECT count(*) AS n, max(no) AS last FROM (SELECT rowid AS no FROM chunks_fts WHERE chunks_fts MATCH ? LIMIT ${sample})`,
        ftsTerm({ text: word, kind: 'word' }),
      )
      const { n = 0, last = 0 } = row ?? {}
      const seen = Math.min(1, Math.max(1, Math.floor((last ?? 0) / documentBits)) / this.#lastDocument)
      frequency = n < sample ? n : Math.min(this.#chunks, Math.round(n / seen))
      this.#frequencies.set(word, frequency)
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
  /** In how many chunks a single word stands; 0 of what is none. */
  readonly frequency: number
  /** How many rows it leads to, at most. */
  readonly rows: number
  /** Rows that may be read instead of comparing the words of a phrase. */
  readonly cost: number
  readonly partial: boolean
}

/** The rarest of nothing but common words, as many as can be weighed; at least one. */
function affordable(weighed: readonly Weighed[], most: number): readonly Weighed[] {
  const byFrequency = [...weighed].sort((a, b) => a.frequency + a.cost - b.frequency - b.cost)
  const kept = new Set<Weighed>()
  let read = 0
  for (const one of byFrequency) {
    read += one.frequency + one.cost
    if (kept.size > 0 && read > most) break
    kept.add(one)
  }
  return weighed.filter((one) => kept.has(one))
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, one) => total + one, 0)
}
