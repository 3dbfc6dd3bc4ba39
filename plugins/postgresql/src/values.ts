import type { Json } from '@cx/core'
import type { ColumnInfo } from './catalog.ts'
import { column } from './sql.ts'

const timestamp = /^(\d{4}-\d\d-\d\d)(?: (\d\d:\d\d:\d\d(?:\.\d+)?)(\+00)?)?$/

/**
 * RFC 3339 of a date, timestamp or timestamptz as PostgreSQL writes it in UTC, to the microsecond; a zone-less one
 * counts as UTC. Undefined for `infinity`, years before Christ and years past 9999, which RFC 3339 cannot say.
 */
export function toInstant(text: string | null): string | undefined {
  const match = timestamp.exec(text ?? '')
  return match ? `${match[1]}T${match[2] ?? '00:00:00'}Z` : undefined
}

/** How a value reads in a document: PostgreSQL's own text, with ISO 8601 for points in time. */
export function toText(text: string, { typeName }: ColumnInfo): string {
  if (typeName !== 'timestamptz' && typeName !== 'timestamp') return text
  const match = timestamp.exec(text)
  if (!match?.[2]) return text
  return `${match[1]}T${match[2]}${match[3] ? 'Z' : ''}`
}

/** SQL of a column's text; the elements of an array separated by commas. */
export function textOf({ name, category }: ColumnInfo): string {
  return category === 'A' ? `pg_catalog.array_to_string(${column(name)}, ', ', 'NULL')` : `${column(name)}::text`
}

/** SQL of a column as JSON text. */
export function jsonOf({ name }: ColumnInfo): string {
  return `pg_catalog.to_jsonb(${column(name)})::text`
}

/** Parses JSON; a number that a double cannot hold stays the text it was. */
export function parseJson(text: string): Json {
  const exact = (_key: string, value: unknown, context?: { readonly source?: string }): unknown => {
    if (typeof value !== 'number' || context?.source === undefined) return value
    const digits = context.source.replace(/^-|e.*$|\./gi, '').replace(/^0+/, '')
    return digits.length <= 15 || Number.isSafeInteger(value) ? value : context.source
  }
  return JSON.parse(text, exact) as Json
}

/** A column of the metadata, from {@link jsonOf}. */
export function toMetadata(text: string, { typeName }: ColumnInfo): Json {
  const value = parseJson(text)
  if ((typeName === 'timestamptz' || typeName === 'timestamp') && typeof value === 'string')
    return value.replace(/\+00:00$/, 'Z')
  return value
}
