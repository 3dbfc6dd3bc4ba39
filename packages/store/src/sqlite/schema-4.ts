/**
 * Version 4: embeddings. The vectors of a collection are a table of their own, vectors_<no>, made and dropped with
 * its model (see vectors.ts); here is what says that a chunk has none.
 */
export const version4 = `
-- What the collection's vectors were made by; NULL when it has none.
ALTER TABLE collections ADD COLUMN vector_space TEXT;
-- Chunks embedded since the job began, until the connector's next one.
ALTER TABLE jobs ADD COLUMN embedded INTEGER NOT NULL DEFAULT 0;

-- Chunks without a vector. A number is never given twice, so that a late vector cannot meet a newer text.
CREATE TABLE embedding_queue (
  no INTEGER PRIMARY KEY AUTOINCREMENT,
  connector_no INTEGER NOT NULL,
  chunk_no INTEGER NOT NULL UNIQUE,
  -- Why the endpoint will not take it.
  refused TEXT
) STRICT;
CREATE INDEX embedding_queue_connector ON embedding_queue (connector_no);
CREATE INDEX embedding_queue_waiting ON embedding_queue (connector_no) WHERE refused IS NULL;
CREATE TRIGGER chunks_unembedded AFTER INSERT ON chunks BEGIN
  INSERT INTO embedding_queue (connector_no, chunk_no) SELECT d.connector_no, new.no
  FROM documents d JOIN connectors c ON c.no = d.connector_no JOIN collections l ON l.no = c.collection_no
  WHERE d.no = (new.no >> 20) AND l.vector_space IS NOT NULL;
END;
CREATE TRIGGER chunks_forgotten AFTER DELETE ON chunks BEGIN
  DELETE FROM embedding_queue WHERE chunk_no = old.no;
END;
`
