import type { DocumentStatus, Load } from '../store.ts'
import type { Connection } from './connection.ts'

/** What is stored and what waits, from counters and partial indexes: as quick with millions of documents. */
export function load(db: Connection): Load {
  const documents = db.all<{ type: string; status: DocumentStatus; documents: number }>(
    `SELECT c.type, n.status, sum(n.documents) AS documents
     FROM document_counts n JOIN connectors c ON c.no = n.connector_no
     GROUP BY c.type, n.status HAVING sum(n.documents) > 0`,
  )
  const jobs = db.all<{ type: string; status: 'queued' | 'running'; jobs: number; oldest: number }>(
    `SELECT c.type, j.status, count(*) AS jobs, min(j.created_at) AS oldest
     FROM jobs j JOIN connectors c ON c.no = j.connector_no
     WHERE j.status IN ('queued', 'running') GROUP BY c.type, j.status`,
  )
  return { documents, jobs }
}
