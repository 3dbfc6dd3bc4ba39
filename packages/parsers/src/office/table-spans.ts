/** Edges that lie as near as this, in twentieths of a point, are one: 3 mm. */
const near = 170

/**
 * How many columns each cell of each row covers, by where the cells' edges are. The row with most cells has the columns; one
 * whose edges are not among its edges was laid out by itself, and its cells count as one each.
 */
export function tableSpans(rows: readonly (readonly number[])[]): readonly (readonly number[] | undefined)[] {
  let columns: readonly number[] = []
  for (const row of rows) if (row.length > columns.length) columns = row
  return rows.map((row) => {
    if (row.length === columns.length) return undefined
    const spans: number[] = []
    let at = 0
    for (let n = 0; n < row.length; n++) {
      const from = at
      while (at < columns.length && columns[at]! < row[n]! - near) at++
      if (at === columns.length || Math.abs(columns[at]! - row[n]!) > near) return undefined
      if (n > 0) {
        if (at === from) return undefined
        spans.push(at - from)
      } else if (at > 0) return undefined
    }
    return spans
  })
}
