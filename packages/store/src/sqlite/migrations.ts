import type { Connection } from './connection.ts'
import { version1 } from './schema.ts'
import { version2 } from './schema-2.ts'
import { version3 } from './schema-3.ts'
import { version4 } from './schema-4.ts'
import { version5 } from './schema-5.ts'

/** In order; the database remembers in `user_version` how many it has had. */
export const migrations: readonly string[] = [version1, version2, version3, version4, version5]

/**
 * Brings the database up to date. Each migration is a transaction of its own: one that fails leaves nothing behind.
 *
 * @throws Error when the database was written by a newer cx.
 */
export function migrate(db: Connection, steps: readonly string[] = migrations): void {
  const version = (): number => Number(db.raw.pragma('user_version', { simple: true }))
  if (version() > steps.length)
    throw Object.assign(
      new Error(
        `The database has schema version ${version()}, but this cx knows versions up to ${steps.length}. ` +
          'Start the newer cx that wrote it, or restore a backup made before the upgrade.',
      ),
      { name: 'StoreError', code: 'database_too_new' },
    )
  for (const [index, step] of steps.entries())
    db.transaction(() => {
      // Read again under the write lock: another process may have been quicker.
      if (version() > index) return
      db.raw.exec(step)
      db.raw.pragma(`user_version = ${index + 1}`)
    })
}
