/** A part of a row's key, as PostgreSQL writes it; null only in views and queries. */
export type KeyPart = string | null

const special = /[%/,\u0000-\u001f\u007f]/g
const hasSpecial = /[%/,\u0000-\u001f\u007f]/

function percentEncode(text: string): string {
  return text.replace(special, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`)
}

function percentDecode(text: string): string {
  return text.replace(/%([0-9A-F]{2})/g, (_match, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
}

/** A name or a key part between slashes and commas. `%00` (empty) and `%NULL` cannot come from text: it holds no NUL. */
function encodePart(part: KeyPart): string {
  if (part === null) return '%NULL'
  if (part === '') return '%00'
  if (part === '.') return '%2E'
  if (part === '..') return '%2E%2E'
  return hasSpecial.test(part) ? percentEncode(part) : part
}

function decodePart(text: string): KeyPart {
  if (text === '%NULL') return null
  if (text === '%00') return ''
  return percentDecode(text)
}

/** `schema/table/`, before every path of its rows. */
export function relationPath(schema: string, name: string): string {
  return `${encodePart(schema)}/${encodePart(name)}/`
}

/** What stands after {@link relationPath}: the key's parts joined by commas. */
export function encodeKey(key: readonly KeyPart[]): string {
  return key.length === 1 ? encodePart(key[0]!) : key.map(encodePart).join(',')
}

export function decodeKey(text: string): KeyPart[] {
  return text.split(',').map(decodePart)
}

/** The parts of a path or an id; a table when there is no row, a schema when there is no table. */
export function parsePath(path: string): { readonly schema: string; readonly table?: string; readonly row?: string } {
  const [schema = '', table, row] = path.split('/')
  return {
    schema: decodePart(schema) ?? '',
    ...(table ? { table: decodePart(table) ?? '' } : {}),
    ...(row ? { row } : {}),
  }
}
