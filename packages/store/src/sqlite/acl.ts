import { createHash } from 'node:crypto'
import type { Acl, Principal } from '@cx/core'
import type { RunKey } from '@cx/core/engine'
import type { Connection } from './connection.ts'
import { sourceKey } from './diff.ts'
import { addProgress, newTally, runningJob } from './run.ts'

/** The key of this person or group among the connector's principals; added when new. */
export function principalNo(db: Connection, connectorNo: number, principal: Principal): number {
  const id = principal.type === 'anyone' ? '' : principal.id
  const email = principal.type === 'user' ? (principal.email ?? '').toLowerCase() : ''
  const found = db.get<{ no: number }>(
    'SELECT no FROM principals WHERE connector_no = ? AND type = ? AND id = ? AND email = ?',
    connectorNo,
    principal.type,
    id,
    email,
  )
  return (
    found?.no ??
    db.insert(
      'INSERT INTO principals (connector_no, type, id, folded, email) VALUES (?, ?, ?, ?, ?)',
      connectorNo,
      principal.type,
      id,
      id.toLowerCase(),
      email,
    )
  )
}

/** The key of this access list; equal lists of a connector are one row. An empty `allOf` lets nobody in. */
export function internAcl(db: Connection, connectorNo: number, acl: Acl): number {
  const text = JSON.stringify({ allOf: acl.allOf, ...(acl.deny && acl.deny.length > 0 ? { deny: acl.deny } : {}) })
  const hash = createHash('sha256').update(text).digest('hex').slice(0, 32)
  const found = db.get<{ no: number }>('SELECT no FROM acls WHERE connector_no = ? AND hash = ?', connectorNo, hash)
  if (found !== undefined) return found.no
  const no = db.insert(
    'INSERT INTO acls (connector_no, hash, sets, acl) VALUES (?, ?, ?, ?)',
    connectorNo,
    hash,
    // One set that nobody is in.
    Math.max(1, acl.allOf.length),
    text,
  )
  const add = (principal: Principal, set: number): number =>
    db.run('INSERT OR IGNORE INTO acl_members VALUES (?, ?, ?)', principalNo(db, connectorNo, principal), no, set)
  for (const [set, principals] of acl.allOf.entries()) for (const principal of principals) add(principal, set)
  for (const principal of acl.deny ?? []) add(principal, -1)
  return no
}

/** See `SyncStore.setAcls`. Children share their container's list. */
export function setAcls(
  db: Connection,
  run: RunKey,
  acls: readonly { readonly id: string; readonly acl: Acl }[],
  position?: { readonly after: string; readonly entries: number },
): number {
  return db.transaction(() => {
    const { no: jobNo, connectorNo } = runningJob(db, run)
    let changed = 0
    for (const { id, acl } of acls) {
      const document = db.get<{ no: number; aclNo: number | null }>(
        `SELECT no, acl_no AS aclNo FROM documents
         WHERE connector_no = ? AND source_id = ? AND parent_no IS NULL AND status <> 'deleted'`,
        connectorNo,
        sourceKey(id),
      )
      if (document === undefined) continue
      const aclNo = internAcl(db, connectorNo, acl)
      if (aclNo === document.aclNo) continue
      shareAcl(db, document.no, aclNo)
      changed++
    }
    if (position !== undefined) {
      db.run('UPDATE jobs SET position = ? WHERE no = ?', position.after, jobNo)
      const { entries } = position
      addProgress(db, jobNo, { ...newTally(), listed: entries, indexed: changed, unchanged: entries - changed })
    }
    return changed
  })
}

/** See `SyncStore.aclPosition`. */
export function aclPosition(db: Connection, run: RunKey): string | undefined {
  const { no } = runningJob(db, run)
  return db.get<{ position: string | null }>('SELECT position FROM jobs WHERE no = ?', no)?.position ?? undefined
}

/** Gives a document and everything inside it this access list. */
export function shareAcl(db: Connection, documentNo: number, aclNo: number | null): void {
  db.run(
    `WITH RECURSIVE inside (no) AS (VALUES (?) UNION ALL SELECT d.no FROM documents d JOIN inside i ON d.parent_no = i.no AND d.parent_no > 0)
     UPDATE documents SET acl_no = ? WHERE no IN (SELECT no FROM inside)`,
    documentNo,
    aclNo,
  )
}
