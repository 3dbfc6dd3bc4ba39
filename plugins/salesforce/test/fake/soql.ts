import { parseQuery, type Query, type WhereClause } from '@jetstreamapp/soql-parser-js'
import { refuse } from './refuse.ts'

export type Value = string | number | boolean | null
export type Values = Record<string, Value>

/** Reads a field path of a row; throws for a field that is not there or hidden. */
export type Look = (row: Values, path: string) => Value

/** Parses by another reader of SOQL than the connector's own. */
export function parse(soql: string): Query {
  try {
    return parseQuery(soql, { allowPartialQuery: false })
  } catch (error) {
    throw refuse(400, 'MALFORMED_QUERY', `unexpected token: ${String((error as Error).message).slice(0, 80)}`)
  }
}

type Token =
  | '('
  | ')'
  | 'AND'
  | 'OR'
  | 'NOT'
  | { readonly field: string; readonly operator: string; readonly value: string | string[]; readonly literal: string }

function tokensOf(where: WhereClause | undefined): Token[] {
  const tokens: Token[] = []
  for (let clause: WhereClause | undefined = where; clause; ) {
    const { left } = clause
    if (left) {
      for (let n = left.openParen ?? 0; n > 0; n--) tokens.push('(')
      if (!('operator' in left) || !('field' in left)) {
        for (let n = (left as { closeParen?: number }).closeParen ?? 0; n > 0; n--) tokens.push(')')
      } else {
        tokens.push({
          field: left.field,
          operator: left.operator.toUpperCase(),
          value: (left as { value: string | string[] }).value,
          literal: String(left.literalType),
        })
        for (let n = left.closeParen ?? 0; n > 0; n--) tokens.push(')')
      }
    }
    const { operator, right } = clause as { operator?: string; right?: WhereClause }
    if (operator) tokens.push(operator as Token)
    clause = right
  }
  return tokens
}

/** What a WHERE clause lets through. Mixing AND with OR without parentheses is refused, as Salesforce does. */
export function compile(where: WhereClause | undefined, look: Look, now: number): (row: Values) => boolean {
  const tokens = tokensOf(where)
  if (tokens.length === 0) return () => true
  let next = 0
  type Test = (row: Values) => boolean
  const group = (): Test => {
    const tests = [term()]
    let joined: 'AND' | 'OR' | undefined
    while (tokens[next] === 'AND' || tokens[next] === 'OR') {
      const operator = tokens[next++] as 'AND' | 'OR'
      if (joined && joined !== operator) throw refuse(400, 'MALFORMED_QUERY', `unexpected token: ${operator}`)
      joined = operator
      tests.push(term())
    }
    return joined === 'OR' ? (row) => tests.some((test) => test(row)) : (row) => tests.every((test) => test(row))
  }
  const term = (): Test => {
    const token = tokens[next++]
    if (token === 'NOT') {
      const test = term()
      return (row) => !test(row)
    }
    if (token === '(') {
      const test = group()
      if (tokens[next++] !== ')') throw refuse(400, 'MALFORMED_QUERY', 'expecting a right parentheses')
      return test
    }
    if (typeof token !== 'object') throw refuse(400, 'MALFORMED_QUERY', 'unexpected token')
    return compare(token, look, now)
  }
  const test = group()
  if (next !== tokens.length) throw refuse(400, 'MALFORMED_QUERY', 'unexpected token')
  return test
}

function compare(token: Exclude<Token, string>, look: Look, now: number): (row: Values) => boolean {
  const { field, operator, literal } = token
  const values = [token.value].flat().map((one) => literalOf(one, literal, now))
  const set = new Set(values)
  const wanted = values[0]!
  const rank = (value: Value): number | string =>
    typeof value === 'boolean' || value === null
      ? String(value)
      : literal.startsWith('DATE')
        ? Date.parse(String(value))
        : value
  switch (operator) {
    case '=':
      return (row) => rank(look(row, field)) === rank(wanted)
    case '!=':
    case '<>':
      return (row) => rank(look(row, field)) !== rank(wanted)
    case 'IN':
      return (row) => set.has(look(row, field))
    case 'NOT IN':
      return (row) => !set.has(look(row, field))
    case 'LIKE': {
      const source = String(wanted)
        .replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
        .replaceAll('%', '.*')
        .replaceAll('_', '.')
      const pattern = new RegExp(`^${source}$`, 'i')
      return (row) => pattern.test(String(look(row, field) ?? ''))
    }
    default: {
      const limit = rank(wanted)
      return (row) => {
        const value = look(row, field)
        if (value === null) return false
        const one = rank(value)
        return operator === '>'
          ? one > limit
          : operator === '>='
            ? one >= limit
            : operator === '<'
              ? one < limit
              : one <= limit
      }
    }
  }
}

function literalOf(text: string, literal: string, now: number): Value {
  if (literal === 'STRING') return plain(text.slice(1, -1))
  if (literal === 'BOOLEAN') return /^true$/i.test(text)
  if (literal === 'NULL') return null
  if (literal === 'INTEGER' || literal === 'DECIMAL') return Number(text)
  if (literal === 'DATETIME' || literal === 'DATE') return text
  const days = /^LAST_N_DAYS:(\d+)$/i.exec(text)
  if (days) return new Date(now - Number(days[1]) * 86_400_000).toISOString()
  throw refuse(400, 'MALFORMED_QUERY', `the fake does not know ${text}`)
}

function plain(text: string): string {
  const signs: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t' }
  return text.replace(/\\(.)/gs, (_, sign: string) => signs[sign] ?? sign)
}
