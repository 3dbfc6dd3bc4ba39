// The little of Markdown that the plugins' READMEs are held by.

/** Second-level headings, in their order. */
export function sections(readme: string): string[] {
  return [...readme.matchAll(/^## (.+)$/gm)].map(([, title]) => title!)
}

/** What stands under a heading, up to the next one. */
export function section(readme: string, title: string): string {
  const from = readme.indexOf(`\n## ${title}\n`)
  const rest = readme.slice(from + 1)
  const end = rest.indexOf('\n## ', 1)
  return end < 0 ? rest : rest.slice(0, end)
}

export function tablesIn(text: string): string[] {
  return text.match(/(?:^\|.*\|$\n?)+/gm)?.map((table) => table.trimEnd()) ?? []
}

/** Rows of cells; of the heading alone with 0. */
export function cells(table: string, row?: number): string[][] {
  const rows = table.split('\n').map((line) =>
    line
      .slice(1, -1)
      .split(/(?<!\\)\|/)
      .map((cell) => cell.trim()),
  )
  return row === undefined ? rows.slice(2) : rows.slice(row, row + 1)
}

const codes = [
  'unauthenticated',
  'forbidden',
  'misconfigured',
  'not_found',
  'rate_limited',
  'unavailable',
  'cursor_expired',
  'unprocessable',
]

/** Codes of `ConnectorError` in a text, between these quotes. */
export function codesIn(text: string, quote = '`'): Set<string> {
  return new Set(codes.filter((code) => text.includes(`${quote}${code}${quote}`)))
}

/** Collects what is wrong with a file. */
export function problemsOf(path: string): ((problem: string) => void) & { readonly list: string[] } {
  const list: string[] = []
  return Object.assign((problem: string) => void list.push(`${path} ${problem}.`), { list })
}
