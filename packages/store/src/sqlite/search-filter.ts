import type { SearchRequest } from '../store.ts'
import { mine, readableAcls } from './access.ts'
import type { Connection, Param } from './connection.ts'

/** Conditions on the documents that a match leads to, for use inside the query that ranks. */
export interface Filter {
  /** WITH clauses, each with a comma behind it. */
  readonly with: string
  readonly withParams: readonly Param[]
  /** On documents as `d`: empty, or conditions that each begin with AND. */
  readonly where: string
  readonly whereParams: readonly Param[]
  /** The condition among them that an index answers: what it lets through can be listed where that is little. */
  readonly listed?: { readonly index: string; readonly where: string; readonly params: readonly Param[] }
  /** Collections that hold what may be found. */
  readonly collections: ReadonlySet<string>
}

/** @returns undefined when nothing can match. */
export function searchFilter(
  db: Connection,
  { collections, filters = {}, principal }: Pick<SearchRequest, 'collections' | 'filters' | 'principal'>,
): Filter | undefined {
  const all = db.all<{ no: number; id: string; type: string; collection: string; deleted: number }>(
    `SELECT c.no, c.id, c.type, l.id AS collection, c.deleted_at IS NOT NULL AS deleted
     FROM connectors c JOIN collections l ON l.no = c.collection_no`,
  )
  const allowed = all.filter(
    (c) =>
      c.deleted === 0 &&
      collections.includes(c.collection) &&
      (filters.connectors === undefined || filters.connectors.includes(c.id)) &&
      (filters.types === undefined || filters.types.includes(c.type)),
  )
  if (allowed.length === 0) return undefined
  const where: string[] = []
  const params: Param[] = []
  let listed: Filter['listed']
  if (allowed.length < all.length) {
    const condition = 'd.connector_no IN (SELECT value FROM json_each(?))'
    const numbers = JSON.stringify(allowed.map((c) => c.no))
    where.push(condition)
    params.push(numbers)
    listed = { index: 'documents_live', where: `d.status <> 'deleted' AND ${condition}`, params: [numbers] }
  }
  if (filters.mimeTypes !== undefined) {
    where.push('d.mime_type IN (SELECT value FROM json_each(?))')
    params.push(JSON.stringify(filters.mimeTypes))
  }
  if (filters.pathPrefix !== undefined && filters.pathPrefix !== '') {
    where.push('substr(d.path, 1, length(?)) = ?')
    params.push(filters.pathPrefix, filters.pathPrefix)
  }
  if (filters.updatedAfter !== undefined) {
    where.push('d.updated_ms >= ?')
    params.push(filters.updatedAfter)
  }
  if (filters.updatedBefore !== undefined) {
    where.push('d.updated_ms < ?')
    params.push(filters.updatedBefore)
  }
  const person = principal === undefined ? undefined : mine(principal)
  if (person !== undefined) {
    const condition = `d.acl_no IN (${readableAcls})`
    where.push(condition)
    listed = { index: 'documents_acl', where: `d.acl_no > 0 AND ${condition}`, params: [] }
  }
  return {
    with: person === undefined ? 'WITH ' : `${person.sql}, `,
    withParams: person?.params ?? [],
    where: where.map((condition) => ` AND ${condition}`).join(''),
    whereParams: params,
    ...(listed !== undefined && { listed }),
    collections: new Set(allowed.map((c) => c.collection)),
  }
}
