/**
 * SQLite's `unicode61` tokenizer takes a run of Chinese, Japanese or Thai for one word, and leaves out signs. The index
 * therefore sees a shadow of the text, and a query goes through the same function:
 *
 * - Characters of writing without spaces are single words, held apart by zero-width spaces; a query becomes a phrase, so
 *   that any substring is found.
 * - An emoji is a word of one character for private use, and so are the signs of "C++" and "C#".
 *
 * Snippets are cut from the shadow and undone again.
 */
const separator = '\u200b'
const scripts = ['Han', 'Hiragana', 'Katakana', 'Thai', 'Lao', 'Khmer', 'Myanmar']
const single = scripts.map((script) => `\\p{Script=${script}}`).join('')
const words = new RegExp(`[${single}]\\p{M}*|[\\p{Extended_Pictographic}\\p{RI}]`, 'gu')
// What stands before is looked at last: a search for the sign is a quick one.
const language = /(?:\+\+|#)(?<=(?<![a-z\d])[a-z](?:\+\+|#))(?![a-z\d+#])/gi
/** Where emoji have their place: of the Basic Multilingual Plane, and beyond it. `unicode61` knows nothing above U+FFFFF. */
const low = 0xf0000
const high = 0xe0000
const [lowest, beyond] = [0x2000, 0x1f000]
const signs: Readonly<Record<string, string>> = { '++': '\u{fee2b}', '#': '\u{fee23}' }
const undone = new RegExp(`${separator}|[\\u{fee2b}\\u{fee23}]|[\\u{f2000}-\\u{f3fff}\\u{ff000}-\\u{fffff}]`, 'gu')

/** The text as the index sees it. */
export function shadow(text: string): string {
  const named = text.replace(language, (sign) => signs[sign] ?? sign)
  // Most texts are ASCII, which is quick to see.
  return /[^\t-~]/.test(named) ? named.replace(words, word) : named
}

function word(found: string): string {
  const code = found.codePointAt(0)!
  if (!/^[\p{Extended_Pictographic}\p{RI}]/u.test(found)) return `${separator}${found}${separator}`
  if (code < lowest) return found
  return `${separator}${String.fromCodePoint(code + (code < beyond ? low : high))}${separator}`
}

/** Undoes `shadow`. */
export function unshadow(text: string): string {
  return text.replace(undone, (found) => {
    if (found === separator) return ''
    const sign = Object.keys(signs).find((sign) => signs[sign] === found)
    if (sign !== undefined) return sign
    const code = found.codePointAt(0)!
    const emoji = String.fromCodePoint(code - (code < high + beyond ? low : high))
    // Fonts of icons have places of their own there.
    return /[\p{Extended_Pictographic}\p{RI}]/u.test(emoji) ? emoji : found
  })
}

/** Whether the index would see a word in it. */
export function hasWords(text: string): boolean {
  return /[\p{L}\p{N}\p{Co}]/u.test(shadow(text))
}

/** What a document is called where its source and its content have no title: the last part of its path. */
export function shownTitle(title: string | null, path: string): string {
  if (title !== null && title !== '') return title
  const end = path.endsWith('/') ? path.length - 1 : path.length
  return path.slice(path.lastIndexOf('/', end - 1) + 1, end)
}

/** The title that the index has for a document: what it is called, and the last part of its path where that is another. */
export function searchTitle(title: string | null, path: string): string {
  const shown = shownTitle(title, path)
  const name = shownTitle(null, path)
  return shadow(shown.includes(name) ? shown : `${shown}\n${name}`)
}
