import { hasWords, shadow } from './shadow.ts'

/** One thing to look for. */
export interface Term {
  readonly text: string
  readonly kind: 'word' | 'phrase' | 'prefix'
  /** Of a prefix: the words to look for instead, as the index has them. */
  readonly words?: readonly string[]
  /** What will do as well. */
  readonly or?: readonly Term[]
}

export interface ParsedQuery {
  readonly wanted: readonly Term[]
  readonly excluded: readonly Term[]
}

const most = 32
/** Characters of a phrase: whoever pastes a page between quotes looks for where it begins. */
const longestPhrase = 200
/** What a question begins with. */
const asking =
  `am are can could did do does had has have how is should was were what when where which who whom whose why
  will would`.split(/\s+/)
/** Words that questions are made of: who asks "what is a stream" looks for streams. In a title they may tell. */
const questionWords = new Set([
  ...asking,
  ...`a about an and any as at be been by for from i if in into it its me my not of on or our so that the their them then
  there these they this those to us we with you your`.split(/\s+/),
])
const question = new RegExp(`^\\s*(?:${asking.join('|')})\\s|\\?\\s*$`, 'i')

/**
 * Reads what a person typed: "quoted words" are a phrase, a trailing * is a prefix, a leading - or NOT excludes, OR
 * stands between what will do either way. Anything else, whatever it looks like, is text; nothing is an error.
 */
export function parseQuery(query: string): ParsedQuery {
  const wanted: Term[] = []
  const excluded: Term[] = []
  const text = query.slice(0, 4_000).normalize('NFC')
  // In a line of capitals these are words like the others.
  const operators = /[\p{Ll}\p{Lo}]/u.test(text)
  let last: readonly Term[] | undefined
  let operator: string | undefined
  for (const [whole, minus, phrase, word] of text.matchAll(/(-?)"([^"]*)"?|(\S+)/gu)) {
    if (wanted.length + excluded.length >= most) break
    if (operators && /^(?:AND|OR|NOT)$/.test(whole)) {
      operator = whole
      continue
    }
    const negative = minus === '-' || operator === 'NOT' || /^-[\p{L}\p{N}]/u.test(word ?? '')
    const term =
      phrase === undefined ? termOf((word ?? '').replace(/^-(?=[\p{L}\p{N}])/u, '')) : clean(begun(phrase), 'phrase')
    if (term === undefined) continue
    const list = negative ? excluded : wanted
    const before = operator === 'OR' && list === wanted && last === wanted ? wanted.pop() : undefined
    list.push(before === undefined ? term : { ...before, or: [...(before.or ?? []), term] })
    last = list
    operator = undefined
  }
  // Only exclusions: there is nothing to exclude from, so they are what is looked for.
  if (wanted.length === 0) return { wanted: excluded, excluded: [] }
  const telling = question.test(text) ? wanted.filter((term) => !isQuestionWord(term)) : wanted
  return { wanted: telling.length > 0 ? telling : wanted, excluded }
}

function termOf(word: string): Term | undefined {
  // A prefix of one letter would be half the index.
  return /[\p{L}\p{N}]{2}\*+$/u.test(word) ? clean(word.replace(/\*+$/, ''), 'prefix') : clean(word, 'word')
}

/** A long phrase up to a space. All words of a phrase are compared wherever its rarest stands. */
function begun(phrase: string): string {
  if (phrase.length <= longestPhrase) return phrase
  const text = phrase.slice(0, longestPhrase).toWellFormed()
  const space = text.search(/\s\S*$/)
  return space > 0 ? text.slice(0, space) : text
}

function clean(text: string, kind: Term['kind']): Term | undefined {
  // NUL would end the string for SQLite.
  const shown = text.replaceAll('\0', ' ')
  return hasWords(shown) ? { text: shown, kind } : undefined
}

/** "IT" and "US" are names. */
function isQuestionWord({ text, kind, or }: Term): boolean {
  if (kind !== 'word' || or !== undefined) return false
  const word = text.replace(/[?!.,:;]+$/, '')
  return questionWords.has(word.toLowerCase()) && (word === 'I' || word !== word.toUpperCase())
}

/** A term in FTS5's own syntax: a quoted string takes everything but the quote itself. */
export function ftsTerm({ or, ...term }: Term): string {
  if (or !== undefined) return `(${[term, ...or].map(ftsTerm).join(' OR ')})`
  const { text, kind, words } = term
  if (words !== undefined) return `(${words.map((word) => `"${word.replaceAll('"', '""')}"`).join(' OR ')})`
  return `"${shadow(text).replaceAll('"', '""')}"${kind === 'prefix' ? ' *' : ''}`
}

export function ftsQuery(wanted: readonly Term[], excluded: readonly Term[], join: 'AND' | 'OR'): string {
  const positive = wanted.map(ftsTerm).join(` ${join} `)
  if (excluded.length === 0) return positive
  return `(${positive}) NOT (${excluded.map(ftsTerm).join(' OR ')})`
}
