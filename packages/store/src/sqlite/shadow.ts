/**
 * SQLite's `unicode61` tokenizer takes a run of Chinese, Japanese or Thai for one word. The index therefore sees a
 * shadow of the text in which such characters are single words, held apart by zero-width spaces; a query goes through
 * the same function and becomes a phrase, so that any substring is found. Snippets are cut from the shadow and the
 * separators taken out again.
 */
const separator = '\u200b'
const unspaced =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}]\p{M}*/gu

/** The text as the index sees it. */
export function shadow(text: string): string {
  return text.replace(unspaced, `${separator}$&${separator}`)
}

/** Takes the separators out again. */
export function unshadow(text: string): string {
  return text.replaceAll(separator, '')
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
