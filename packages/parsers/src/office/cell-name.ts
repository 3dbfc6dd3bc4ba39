/** As people write it: row 2 and column 54, counted from 0, are `BC3`. */
export function cellName(row: number, column: number): string {
  let name = ''
  for (let left = Math.min(column, 16_383) + 1; left > 0; left = Math.floor((left - 1) / 26))
    name = String.fromCharCode(65 + ((left - 1) % 26)) + name
  return `${name}${row + 1}`
}

/** An address and a place in what is there. */
export function withPlace(target: string, place: string | undefined): string {
  return !place || target.includes('#') ? target : `${target}#${place}`
}

/** Where a formula leads that makes a link out of an address in quotes; not to places in the same file. */
export function formulaLink(formula: string): string | undefined {
  const target = /HYPERLINK\(\s*"([^"]+)"/.exec(formula)?.[1]
  return target === undefined || target.startsWith('#') ? undefined : target
}
