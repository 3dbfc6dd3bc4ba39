import { shadow } from './shadow.ts'

/** One thing to look for. */
export interface Term {
  readonly text: string
  readonly kind: 'word' | 'phrase' | 'prefix'
  /** Of a prefix: the words to look for instead, as the index has them. */
  readonly words?: readonly string[]
}

export interface ParsedQuery {
  readonly wanted: readonly Term[]
  readonly excluded: readonly Term[]
}

const most = 32

/**
 * Reads what a person typed: "quoted words" are a phrase, a trailing * is a prefix, a leading - excludes.
 * Anything else, whatever it looks like, is text; nothing is an error.
 */
export function parseQuery(query: string): ParsedQuery {
  const wanted: Term[] = []
  const excluded: Term[] = []
  const pattern = /(-?)"([^"]*)"?|(\S+)/gu
  for (const [, minus, phrase, word] of query.slice(0, 4_000).normalize('NFC').matchAll(pattern)) {
    if (wanted.length + excluded.length >= most) break
    if (phrase !== undefined) add(minus === '-' ? excluded : wanted, phrase, 'phrase')
    else if (word !== undefined) {
      const negative = /^-[\p{L}\p{N}]/u.test(word)
      const text = negative ? word.slice(1) : word
      // A prefix of one letter would be half the index.
      const prefix = /[\p{L}\p{N}]{2}\*+$/u.test(text)
      add(negative ? excluded : wanted, prefix ? text.replace(/\*+$/, '') : text, prefix ? 'prefix' : 'word')
    }
  }
  // Only exclusions: there is nothing to exclude from, so they are what is looked for.
  return wanted.length === 0 ? { wanted: excluded, excluded: [] } : { wanted, excluded }
}

function add(terms: Term[], text: string, kind: Term['kind']): void {
  // NUL would end the string for SQLite.
  const clean = text.replaceAll('\0', ' ')
  if (/[\p{L}\p{N}\p{Co}]/u.test(clean)) terms.push({ text: clean, kind })
}

/** A term in FTS5's own syntax: a quoted string takes everything but the quote itself. */
export function ftsTerm({ text, kind, words }: Term): string {
  if (words !== undefined) return `(${words.map((word) => `"${word.replaceAll('"', '""')}"`).join(' OR ')})`
  return `"${shadow(text).replaceAll('"', '""')}"${kind === 'prefix' ? ' *' : ''}`
}

export function ftsQuery(wanted: readonly Term[], excluded: readonly Term[], join: 'AND' | 'OR'): string {
  const positive = wanted.map(ftsTerm).join(` ${join} `)
  if (excluded.length === 0) return positive
  return `(${positive}) NOT (${excluded.map(ftsTerm).join(' OR ')})`
}
