import { domainToUnicode } from 'node:url'
import { decodeWords } from './words.ts'

const most = 5_000

/** The people of a field such as `To`, each as `Name <address>` (RFC 5322, 3.4); groups are their members. */
export function readAddresses(field: string | undefined): string[] {
  const found: string[] = []
  if (field === undefined) return found
  let words = ''
  let comment = ''
  let address: string | undefined
  const add = (): void => {
    const text = decodeWords(words).replace(/\s+/g, ' ').trim()
    const name = text === '' ? decodeWords(comment).trim() : text
    if (address !== undefined) found.push(show(name, address.trim()))
    else if (text !== '') found.push(text.includes('@') ? show(decodeWords(comment).trim(), text) : text)
    words = comment = ''
    address = undefined
  }
  for (let at = 0; at < field.length && found.length < most; at++) {
    const char = field[at]
    if (char === '"') {
      const end = endOf(field, at, '"')
      words += unescaped(field.slice(at + 1, end))
      at = end
    } else if (char === '(') {
      const end = endOf(field, at, ')')
      comment += unescaped(field.slice(at + 1, end))
      at = end
    } else if (char === '<') {
      const end = field.indexOf('>', at)
      address = field.slice(at + 1, end < 0 ? field.length : end)
      at = end < 0 ? field.length : end
    } else if (char === ':' && !words.includes('@')) words = ''
    else if (char === ',' || char === ';') add()
    else words += char
  }
  add()
  return found
}

/** Of what is quoted or in brackets, which may hold others, from `start` on; the end of the text without one. */
function endOf(text: string, start: number, close: string): number {
  let depth = 1
  for (let at = start + 1; at < text.length; at++) {
    if (text[at] === '\\') at++
    else if (text[at] === close) {
      if (--depth === 0) return at
    } else if (close === ')' && text[at] === '(') depth++
  }
  return text.length
}

function unescaped(text: string): string {
  return text.includes('\\') ? text.replace(/\\(.)/g, '$1') : text
}

function show(name: string, address: string): string {
  // Routes (`@a,@b:name@c`) are obsolete, and no part of the address.
  const routed = address.startsWith('@') && address.includes(':') ? address.slice(address.indexOf(':') + 1) : address
  const bare = readable(routed)
  return name === '' || name === bare ? bare : bare === '' ? name : `${name} <${bare}>`
}

/** Domains as people write them, where they stand in letters for machines (RFC 3492). */
function readable(address: string): string {
  const at = address.lastIndexOf('@') + 1
  if (at === 0 || (!address.startsWith('xn--', at) && !address.includes('.xn--', at))) return address
  const domain = domainToUnicode(address.slice(at))
  return domain === '' ? address : address.slice(0, at) + domain
}
