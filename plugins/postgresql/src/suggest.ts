/** How many single-character edits lie between two names. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i)
  for (let i = 1; i <= a.length; i++) {
    const next = [i]
    for (let j = 1; j <= b.length; j++)
      next[j] = Math.min(row[j]! + 1, next[j - 1]! + 1, row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1))
    row = next
  }
  return row[b.length]!
}

/** The end of an error message: the nearest names first, at most eight. */
export function suggest(wrong: string, names: Iterable<string>): string {
  const near = [...new Set(names)]
    .map((name) => ({ name, edits: distance(wrong.toLowerCase(), name.toLowerCase()) }))
    .sort((a, b) => a.edits - b.edits || (a.name < b.name ? -1 : 1))
    .slice(0, 8)
    .map(({ name }) => JSON.stringify(name))
  return near.length === 0 ? 'There is none at all.' : `There is ${near.join(', ')}.`
}
