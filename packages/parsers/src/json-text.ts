/** Deepest nesting of brackets outside strings: known before anything recursive sees the text. */
export function depthOf(text: string): number {
  let depth = 0
  let deepest = 0
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index)
    if (code === 34) index = endOfString(text, index)
    else if (code === 91 || code === 123) deepest = Math.max(deepest, ++depth)
    else if (code === 93 || code === 125) depth--
  }
  return deepest
}

function endOfString(text: string, start: number): number {
  for (let index = start + 1; index < text.length; index++) {
    const code = text.charCodeAt(index)
    if (code === 92) index++
    else if (code === 34) return index
  }
  return text.length
}

/**
 * A long line of JSON gets line breaks after its commas and opening brackets, without a parser and without a tree:
 * chunks then end at values, at any depth and size, and broken JSON is readable as well.
 */
export function layOut(text: string, maxChars: number): string {
  const first = text.indexOf('\n')
  if (text.length < 512 || (first !== -1 && first < 512 && text.indexOf('\n', first + 1) - first < 4096)) return text
  const parts: string[] = []
  let from = 0
  let depth = 0
  let length = 0
  for (let index = 0; index < text.length && length < maxChars; index++) {
    const code = text.charCodeAt(index)
    if (code === 34) index = endOfString(text, index)
    else if (code === 91 || code === 123) depth++
    else if (code === 93 || code === 125) depth--
    else if (code === 44 && index - from > 60) {
      const line = `${text.slice(from, index + 1)}\n${' '.repeat(Math.min(Math.max(depth, 0), 16))}`
      parts.push(line)
      length += line.length
      from = index + 1
    }
  }
  parts.push(text.slice(from))
  return parts.join('')
}

/**
 * Strings as people read and search them: letters for `\u00e9`, lines for `\n`, which else sticks to the word behind
 * it. Escapes that hold the syntax together stay.
 */
export function unescaped(text: string): string {
  const parts: string[] = []
  let from = 0
  for (let at = text.indexOf('\\'); at !== -1; ) {
    const [plain, length] = readEscape(text, at)
    if (plain !== undefined) {
      parts.push(text.slice(from, at), plain)
      from = at + length
    }
    at = text.indexOf('\\', at + length)
  }
  if (parts.length === 0) return text
  parts.push(text.slice(from))
  return parts.join('')
}

function readEscape(text: string, at: number): readonly [plain: string | undefined, length: number] {
  switch (text.charCodeAt(at + 1)) {
    case 110:
      return ['\n', 2]
    case 116:
      return ['\t', 2]
    case 114:
      return [text.startsWith('\\n', at + 2) ? '' : '\n', 2]
    case 47:
      return ['/', 2]
    case 117: {
      const hex = text.slice(at + 2, at + 6)
      const code = /^[\da-f]{4}$/i.test(hex) ? Number.parseInt(hex, 16) : 0
      // Controls, a quotation mark and a backslash would be syntax.
      return [code < 32 || code === 34 || code === 92 ? undefined : String.fromCharCode(code), 6]
    }
    default:
      return [undefined, 2]
  }
}
