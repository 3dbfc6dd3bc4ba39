import { newId } from '../id.ts'
import type { Connector, ConnectorPatch, Page, PageRequest, Store } from '../store.ts'
import type { Connection, Param } from './connection.ts'
import { storeError } from './errors.ts'
import { keyset, page } from './page.ts'
import { cancelAll } from './queue.ts'
import type { Control } from './tables.ts'

export function connectorWrites(
  db: Connection,
  control: Control,
): Pick<Store, 'createConnector' | 'updateConnector' | 'deleteConnector'> {
  return {
    async createConnector(connector) {
      const collection = await control
        .selectFrom('collections')
        .select('no')
        .where('id', '=', connector.collectionId)
        .executeTakeFirst()
      if (collection === undefined) throw storeError('not_found', `There is no collection ${connector.collectionId}.`)
      const now = Date.now()
      const id = newId('conn')
      await control
        .insertInto('connectors')
        .values({
          id,
          name: connector.name,
          type: connector.type,
          collection_no: collection.no,
          config: JSON.stringify(connector.config),
          enabled: connector.enabled ? 1 : 0,
          activated: connector.activated ? 1 : 0,
          schedule: connector.schedule,
          timezone: connector.timezone,
          limits: JSON.stringify(connector.limits),
          created_at: now,
          updated_at: now,
        })
        .execute()
      return getConnector(db, id) as Connector
    },
    async updateConnector(id, patch) {
      await control
        .updateTable('connectors')
        .set(encodePatch(patch))
        .where('id', '=', id)
        .where('deleted_at', 'is', null)
        .execute()
      return getConnector(db, id)
    },
    async deleteConnector(id) {
      return db.transaction(() => {
        const row = db.get<{ no: number }>('SELECT no FROM connectors WHERE id = ? AND deleted_at IS NULL', id)
        if (row === undefined) return false
        cancelAll(db, row.no)
        // Credentials go at once, whatever the rest of the removal takes.
        db.run('DELETE FROM secrets WHERE connector_no = ?', row.no)
        db.run('UPDATE connectors SET deleted_at = ?, credentials = NULL WHERE no = ?', Date.now(), row.no)
        return true
      })
    },
  }
}

function encodePatch(patch: ConnectorPatch): Record<string, string | number | null> {
  const set: Record<string, string | number | null> = { updated_at: Date.now() }
  if (patch.name !== undefined) set.name = patch.name
  if (patch.config !== undefined) set.config = JSON.stringify(patch.config)
  if (patch.enabled !== undefined) set.enabled = patch.enabled ? 1 : 0
  if (patch.activated !== undefined) set.activated = patch.activated ? 1 : 0
  if (patch.schedule !== undefined) set.schedule = patch.schedule
  if (patch.timezone !== undefined) set.timezone = patch.timezone
  // What was worked out for the schedule before no longer holds.
  if (patch.schedule !== undefined || patch.timezone !== undefined || patch.enabled !== undefined)
    set.next_sync_at = null
  if (patch.limits !== undefined) set.limits = JSON.stringify(patch.limits)
  if (patch.tenant !== undefined) set.tenant = patch.tenant
  if (patch.lastError !== undefined) set.last_error = patch.lastError === null ? null : JSON.stringify(patch.lastError)
  return set
}

interface Row {
  readonly no: number
  readonly id: string
  readonly name: string
  readonly type: string
  readonly collectionId: string
  readonly collectionName: string
  readonly config: string
  readonly enabled: number
  readonly activated: number
  readonly last_error: string | null
  readonly schedule: string | null
  readonly timezone: string
  readonly next_sync_at: number | null
  readonly limits: string
  readonly tenant: string | null
  readonly credentials: string | null
  readonly last_sync: string | null
  readonly created_at: number
  readonly updated_at: number
}

const from = `SELECT c.no, c.id, c.name, c.type, l.id AS collectionId, l.name AS collectionName, c.config, c.enabled, c.activated, c.last_error,
    c.schedule, c.timezone, c.next_sync_at, c.limits, c.tenant, c.credentials, c.last_sync, c.created_at, c.updated_at
  FROM connectors c JOIN collections l ON l.no = c.collection_no WHERE c.deleted_at IS NULL`

function parse<T>(text: string | null): T | null {
  return text === null ? null : (JSON.parse(text) as T)
}

function toConnector(row: Row): Connector {
  return {
    id: row.id,
    name: row.name,
    type: row.type,
    collectionId: row.collectionId,
    collectionName: row.collectionName,
    config: JSON.parse(row.config) as Connector['config'],
    enabled: row.enabled === 1,
    activated: row.activated === 1,
    lastError: parse<NonNullable<Connector['lastError']>>(row.last_error),
    schedule: row.schedule,
    timezone: row.timezone,
    nextSyncAt: row.next_sync_at,
    limits: JSON.parse(row.limits) as Connector['limits'],
    tenant: row.tenant,
    credentials: parse<NonNullable<Connector['credentials']>>(row.credentials),
    lastSync: parse<NonNullable<Connector['lastSync']>>(row.last_sync),
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  }
}

export function getConnector(db: Connection, id: string): Connector | undefined {
  const row = db.get<Row>(`${from} AND c.id = ?`, id)
  return row === undefined ? undefined : toConnector(row)
}

/** inactive > paused > error > active */
const statusSql = {
  inactive: 'c.activated = 0',
  paused: 'c.activated = 1 AND c.enabled = 0',
  error: 'c.activated = 1 AND c.enabled = 1 AND c.last_error IS NOT NULL',
  active: 'c.activated = 1 AND c.enabled = 1 AND c.last_error IS NULL',
} as const

export function connectors(
  db: Connection,
  request: PageRequest & {
    readonly type?: string
    readonly collectionIds?: readonly string[]
    readonly status?: keyof typeof statusSql
  },
): Page<Connector> {
  let where = ''
  const params: Param[] = []
  if (request.type !== undefined) {
    where += ' AND c.type = ?'
    params.push(request.type)
  }
  if (request.collectionIds !== undefined) {
    where += ' AND c.collection_no IN (SELECT no FROM collections WHERE id IN (SELECT value FROM json_each(?)))'
    params.push(JSON.stringify(request.collectionIds))
  }
  if (request.status !== undefined) where += ` AND ${statusSql[request.status]}`
  const total =
    db.get<{ n: number }>(`SELECT count(*) AS n FROM connectors c WHERE c.deleted_at IS NULL ${where}`, ...params)?.n ??
    0
  const { sql, values } = keyset(request, 'c.no')
  return page(db.all<Row>(`${from} ${where} ${sql}`, ...params, ...values), request, total, toConnector)
}
