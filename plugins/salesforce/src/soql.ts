import { ConnectorError } from '@cx/core'

const identifier = /^[A-Za-z]\w*$/
const recordId = /^[A-Za-z0-9]{15}(?:[A-Za-z0-9]{3})?$/

/** A string literal. Backslashes first: escaping quotes alone lets `\' OR …` out. */
export function quote(text: string): string {
  const escaped = text
    .replaceAll('\\', '\\\\')
    .replaceAll("'", "\\'")
    .replaceAll('\n', '\\n')
    .replaceAll('\r', '\\r')
    .replaceAll('\t', '\\t')
  return `'${escaped}'`
}

/** An object, field or dotted path of them as it may stand in a query. @throws ConnectorError `misconfigured` */
export function identify(name: string): string {
  if (!name.split('.').every((part) => identifier.test(part)))
    throw new ConnectorError('misconfigured', `${JSON.stringify(name)} is no API name of an object or field.`)
  return name
}

export function isRecordId(text: string): boolean {
  return recordId.test(text)
}

/** `field IN ('…')` of record ids. */
export function inIds(field: string, ids: Iterable<string>): string {
  const list = [...ids].filter(isRecordId)
  if (list.length === 0) throw new TypeError('No record ids.')
  return `${identify(field)} IN (${list.map((id) => `'${id}'`).join(',')})`
}

/** A date and time as it stands in a query: unquoted, in UTC. */
export function moment(ms: number): string {
  return new Date(ms).toISOString()
}

/** Salesforce writes `+0000` in REST and `Z` in Bulk: one form for both. */
export function toIso(text: unknown): string | undefined {
  if (typeof text !== 'string' || text === '') return undefined
  const date = new Date(text.replace(/([+-]\d\d)(\d\d)$/, '$1:$2'))
  return Number.isNaN(date.getTime()) ? undefined : date.toISOString()
}

export function select(
  fields: readonly string[],
  from: string,
  ...conditions: readonly (string | undefined)[]
): string {
  const where = conditions.filter((one) => one !== undefined && one !== '')
  return `SELECT ${fields.map(identify).join(', ')} FROM ${identify(from)}${where.length > 0 ? ` WHERE ${where.map((one) => (where.length > 1 ? `(${one})` : one)).join(' AND ')}` : ''}`
}
