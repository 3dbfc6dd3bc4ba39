import type { Embedding, EmbeddingState, EmbeddingTask } from '../store.ts'
import type { Connection } from './connection.ts'

export function embeddingStates(db: Connection): readonly EmbeddingState[] {
  return db
    .all<{ collectionId: string; embedding: string; pending: number; refused: number }>(
      `SELECT l.id AS collectionId, l.embedding,
         (SELECT count(*) FROM connectors c JOIN embedding_queue q ON q.connector_no = c.no
           WHERE c.collection_no = l.no AND c.deleted_at IS NULL) AS pending,
         (SELECT count(*) FROM connectors c JOIN embedding_queue q ON q.connector_no = c.no
           WHERE c.collection_no = l.no AND c.deleted_at IS NULL AND q.refused IS NOT NULL) AS refused
       FROM collections l WHERE l.embedding IS NOT NULL`,
    )
    .map((row) => ({ ...row, embedding: JSON.parse(row.embedding) as Embedding }))
}

export function embeddingTasks(db: Connection, collectionId: string, limit: number): readonly EmbeddingTask[] {
  return db
    .all<{ ticket: number; headings: string; text: string }>(
      `SELECT q.no AS ticket, k.headings, k.text
       FROM collections l CROSS JOIN connectors c ON c.collection_no = l.no AND c.deleted_at IS NULL
         CROSS JOIN embedding_queue q ON q.connector_no = c.no AND q.refused IS NULL
         CROSS JOIN chunks k ON k.no = q.chunk_no
       WHERE l.id = ? LIMIT ?`,
      collectionId,
      limit,
    )
    .map((row) => ({ ...row, headings: JSON.parse(row.headings) as readonly string[] }))
}
