import type { PageRequest, SecretRow, Store } from '../store.ts'
import type { Connection } from './connection.ts'
import { storeError } from './errors.ts'
import type { Control } from './tables.ts'

export function secretWrites(
  db: Connection,
  control: Control,
): Pick<Store, 'putSecret' | 'replaceSecret' | 'deleteSecrets'> {
  return {
    async putSecret({ connectorId, name, keyId, ciphertext }, shown) {
      db.transaction(() => {
        const connector = db.get<{ no: number }>(
          'SELECT no FROM connectors WHERE id = ? AND deleted_at IS NULL',
          connectorId,
        )
        if (connector === undefined) throw storeError('not_found', `There is no connector ${connectorId}.`)
        db.run(
          `INSERT INTO secrets (connector_no, name, key_id, ciphertext, updated_at) VALUES (?, ?, ?, ?, ?)
           ON CONFLICT DO UPDATE SET key_id = excluded.key_id, ciphertext = excluded.ciphertext, updated_at = excluded.updated_at`,
          connector.no,
          name,
          keyId,
          ciphertext,
          Date.now(),
        )
        if (shown !== undefined)
          db.run(
            'UPDATE connectors SET credentials = ? WHERE no = ?',
            shown === null ? null : JSON.stringify(shown),
            connector.no,
          )
      })
    },
    async replaceSecret({ connectorId, name, keyId, ciphertext }, expected) {
      const connector = control.selectFrom('connectors').select('no').where('id', '=', connectorId)
      const { numUpdatedRows } = await control
        .updateTable('secrets')
        .set({ key_id: keyId, ciphertext, updated_at: Date.now() })
        .where('connector_no', '=', connector)
        .where('name', '=', name)
        .where('ciphertext', '=', expected)
        .executeTakeFirst()
      return numUpdatedRows > 0n
    },
    async deleteSecrets(connectorId) {
      const connector = control.selectFrom('connectors').select('no').where('id', '=', connectorId)
      await control.deleteFrom('secrets').where('connector_no', '=', connector).execute()
      await control.updateTable('connectors').set({ credentials: null }).where('id', '=', connectorId).execute()
    },
  }
}

const from = `SELECT c.id AS connectorId, s.name, s.key_id AS keyId, s.ciphertext, s.updated_at AS updatedAt
  FROM secrets s JOIN connectors c ON c.no = s.connector_no`

function toSecret(row: SecretRow): SecretRow {
  return { ...row, ciphertext: new Uint8Array(row.ciphertext) }
}

export function secret(db: Connection, connectorId: string, name: string): SecretRow | undefined {
  const row = db.get<SecretRow>(`${from} WHERE c.id = ? AND s.name = ?`, connectorId, name)
  return row === undefined ? undefined : toSecret(row)
}

/** `after` is `<connector id>/<name>` of the last row of the page before. */
export function secrets(db: Connection, request: PageRequest & { readonly notKeyId?: string }): readonly SecretRow[] {
  const slash = request.after?.indexOf('/') ?? -1
  return db
    .all<SecretRow>(
      `${from} WHERE s.key_id <> ? AND (c.id, s.name) > (?, ?) ORDER BY c.id, s.name LIMIT ? OFFSET ?`,
      request.notKeyId ?? '',
      request.after?.slice(0, slash) ?? '',
      request.after?.slice(slash + 1) ?? '',
      request.limit,
      request.offset ?? 0,
    )
    .map(toSecret)
}
