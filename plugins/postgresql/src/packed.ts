import { parse } from 'postgres-array'
import type { KeyPart } from './path.ts'
import type { Plan } from './plan.ts'
import { column } from './sql.ts'
import { listedColumns } from './statements.ts'
import type { Row, Statement } from './transaction.ts'

/**
 * The listing of {@link listStatement} with a page of rows in every row, one array a column. A driver spends as long on
 * a row as the server on a dozen, so this halves the time of listing many. Each page is found by the key's index.
 */
export function packedStatement(plan: Plan, size: number, after: readonly KeyPart[] | undefined): Statement {
  const columns = listedColumns(plan)
  const keys = plan.key.map(({ name }) => column(name)).join(', ')
  const condition = plan.condition === undefined ? '' : `${plan.condition} AND `
  const page = (place: string | undefined) => {
    const where = place === undefined ? condition.replace(/ AND $/, '') : `${condition}(${keys}) > (${place})`
    const inner = columns.map((sql, i) => `${sql} AS c${i}`).join(', ')
    return `SELECT ${[...columns.map((_sql, i) => `array_agg(q.c${i})::text AS a${i}`), ...plan.key.map((_info, i) => `(array_agg(q.c${i}))[count(*)] AS l${i}`)].join(', ')}
FROM (SELECT ${inner} FROM ${plan.from}${where === '' ? '' : ` WHERE ${where}`} ORDER BY ${keys} LIMIT ${size}) AS q`
  }
  const first = after && plan.key.map(({ type }, i) => `$${i + 1}::${type}`).join(', ')
  const next = plan.key.map((_info, i) => `cx.l${i}`).join(', ')
  return {
    text: `WITH RECURSIVE cx AS (
(${page(first)})
UNION ALL
SELECT n.* FROM cx CROSS JOIN LATERAL (${page(next)}) AS n WHERE cx.l0 IS NOT NULL
) SELECT ${columns.map((_sql, i) => `a${i}`).join(', ')} FROM cx WHERE l0 IS NOT NULL`,
    values: after ?? [],
  }
}

/** Listed rows, made one by one as they are used: what lives for a page long costs the garbage collector most. */
export interface Page {
  readonly length: number
  row(index: number): Row
}

/** The rows of one packed row. */
export function unpack(packed: Row | undefined): Page {
  const columns = (packed ?? []).map((text) => elements(text ?? '{}'))
  const [first = [], second = []] = columns
  return {
    length: first.length,
    row:
      columns.length === 2
        ? (index) => [first[index]!, second[index]!]
        : (index) => columns.map((values) => values[index] ?? null),
  }
}

/** Rows as they are. */
export function toPage(rows: readonly Row[]): Page {
  return { length: rows.length, row: (index) => rows[index]! }
}

function elements(text: string): (string | null)[] {
  // Numbers, uuids and their like: nothing is quoted.
  if (!text.includes('"') && !text.includes('NULL')) return text.slice(1, -1).split(',')
  return parse(text, (value) => value)
}
