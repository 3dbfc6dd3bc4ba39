import type { FakeContent, Model } from './model.ts'

/** A query that Confluence would refuse. */
export class CqlError extends Error {
  override readonly name = 'CqlError'
}

type Test = (content: FakeContent) => boolean

/** The part of CQL that is used here; everything else is refused, as Confluence refuses what it does not know. */
export function runCql(model: Model, cql: string): FakeContent[] {
  const [where = '', order] = cql.split(/\s+order by\s+/i)
  const tests = where.split(/\s+and\s+/i).map((clause) => parse(clause.trim(), model.now()))
  const found = [...model.contents.values()].filter(
    (one) => one.status === 'current' && !one.unindexed && model.sees(one) && tests.every((test) => test(one)),
  )
  if (order === undefined) return found
  const [, direction] = /^lastmodified (asc|desc)$/i.exec(order) ?? []
  if (!direction) throw new CqlError(`Could not parse cql : order by ${order}`)
  const sign = direction.toLowerCase() === 'asc' ? 1 : -1
  return found.sort((one, other) => sign * (one.modifiedAt - other.modifiedAt))
}

function parse(clause: string, now: number): Test {
  const [, field, operator, value = ''] = /^(\w+)\s*(=|in|>=)\s*(.+)$/i.exec(clause) ?? []
  const values = value
    .replace(/^\(|\)$/g, '')
    .split(',')
    .map((one) => one.trim().replace(/^"((?:[^"\\]|\\.)*)"$/, (_, text: string) => text.replace(/\\(.)/g, '$1')))
  switch (`${field?.toLowerCase()} ${operator?.toLowerCase()}`) {
    case 'type =':
    case 'type in':
      return ({ type }) => values.includes(type)
    case 'space =':
    case 'space in':
      return ({ spaceKey }) => values.includes(spaceKey)
    case 'id in':
      return ({ id }) => values.includes(id)
    case 'container =':
    case 'container in':
      return ({ containerId }) => containerId !== undefined && values.includes(containerId)
    case 'lastmodified >=': {
      // Read to the minute.
      const [, minutes] = /^now\("-(\d+)m"\)$/.exec(value) ?? []
      if (minutes === undefined) throw new CqlError(`Could not parse cql : ${clause}`)
      const since = Math.floor((now - Number(minutes) * 60_000) / 60_000) * 60_000
      return ({ modifiedAt }) => modifiedAt >= since
    }
    default:
      throw new CqlError(`Could not parse cql : ${clause}`)
  }
}
