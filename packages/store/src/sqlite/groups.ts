import { createHash } from 'node:crypto'
import type { Principal } from '@cx/core'
import type { RunKey } from '@cx/core/engine'
import { principalNo } from './acl.ts'
import type { Connection } from './connection.ts'
import { runningJob } from './run.ts'

const batchSize = 500

interface Staged {
  readonly id: string
  readonly lists: string
}

/** See `SyncStore.putGroups`. They wait: until all are there, those of before are in force. */
export function putGroups(
  db: Connection,
  run: RunKey,
  groups: readonly { readonly id: string; readonly members: readonly Principal[] }[],
): void {
  db.transaction(() => {
    const job = runningJob(db, run)
    forgetOthers(db, job)
    for (const { id, members } of groups)
      db.run(
        'INSERT INTO staged_groups (connector_no, job_no, attempt, id, members) VALUES (?, ?, ?, ?, ?)',
        job.connectorNo,
        job.no,
        job.attempt,
        id,
        JSON.stringify(members),
      )
  })
}

/** See `SyncStore.finishGroups`. One transaction: nobody ever sees old groups among new ones. */
export function finishGroups(db: Connection, run: RunKey, keepOthers = false): void {
  db.transaction(() => {
    const job = runningJob(db, run)
    forgetOthers(db, job)
    const present: number[] = []
    for (let after: string | null = null; ; ) {
      const rows: readonly Staged[] = db.all<Staged>(
        `SELECT id, '[' || group_concat(members) || ']' AS lists FROM staged_groups
         WHERE connector_no = ? AND (? IS NULL OR id > ?) GROUP BY id ORDER BY id LIMIT ?`,
        job.connectorNo,
        after,
        after,
        batchSize,
      )
      // A group that comes twice in one pass has the members of both.
      for (const { id, lists } of rows) present.push(write(db, job, id, (JSON.parse(lists) as Principal[][]).flat()))
      after = rows.at(-1)?.id ?? after
      if (rows.length < batchSize) break
    }
    if (!keepOthers)
      db.run(
        'DELETE FROM source_groups WHERE connector_no = ? AND group_no NOT IN (SELECT value FROM json_each(?))',
        job.connectorNo,
        JSON.stringify(present),
      )
    db.run('DELETE FROM staged_groups WHERE connector_no = ?', job.connectorNo)
  })
}

interface Reader {
  readonly no: number
  readonly connectorNo: number
  readonly attempt: number
}

/** What an attempt that did not get to its end has left. */
function forgetOthers(db: Connection, { connectorNo, no, attempt }: Reader): void {
  db.run('DELETE FROM staged_groups WHERE connector_no = ? AND (job_no <> ? OR attempt <> ?)', connectorNo, no, attempt)
}

/** The group's key; its members are written only when they are others than before. */
function write(db: Connection, job: Reader, id: string, members: readonly Principal[]): number {
  const groupNo = principalNo(db, job.connectorNo, { type: 'group', id })
  const hash = hashOf(members)
  const known = db.get<{ members: string | null }>('SELECT members FROM source_groups WHERE group_no = ?', groupNo)
  if (known?.members === hash) return groupNo
  db.run(
    `INSERT INTO source_groups (group_no, connector_no, job_no, attempt, members) VALUES (?, ?, ?, ?, ?)
     ON CONFLICT DO UPDATE SET job_no = excluded.job_no, attempt = excluded.attempt, members = excluded.members`,
    groupNo,
    job.connectorNo,
    job.no,
    job.attempt,
    hash,
  )
  db.run('DELETE FROM group_members WHERE group_no = ?', groupNo)
  for (const member of members)
    db.run('INSERT OR IGNORE INTO group_members VALUES (?, ?)', principalNo(db, job.connectorNo, member), groupNo)
  return groupNo
}

function hashOf(members: readonly Principal[]): string {
  const keys = members.map((member) => JSON.stringify(Object.entries(member).sort()))
  return createHash('sha256')
    .update([...new Set(keys)].sort().join('\n'))
    .digest('hex')
    .slice(0, 32)
}
