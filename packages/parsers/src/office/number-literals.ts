/**
 * What stands in a format's code as text: quoted, behind a backslash, or a blank as wide as a character. `last` is its last
 * character's place. Undefined where something else stands. `*` fills the rest of a cell with what follows: nothing here.
 */
export function literalAt(code: string, at: number): { readonly text: string; readonly last: number } | undefined {
  switch (code[at]) {
    case '"': {
      const end = code.indexOf('"', at + 1)
      const last = end < 0 ? code.length : end
      return { text: code.slice(at + 1, last), last }
    }
    case '\\':
      return { text: code[at + 1] ?? '', last: at + 1 }
    case '_':
      return { text: ' ', last: at + 1 }
    case '*':
      return { text: '', last: at + 1 }
    default:
      return undefined
  }
}
