const nowMs = "CAST(unixepoch('now', 'subsec') * 1000 AS INTEGER)"
const someoneListens = 'EXISTS (SELECT 1 FROM webhooks WHERE enabled = 1)'
const someoneListensToDocuments = 'EXISTS (SELECT 1 FROM webhooks WHERE documents = 1)'

const tellOfConnector = (row: 'new' | 'old', type: string): string => `
  INSERT INTO webhook_outbox (type, connector_id, collection_id, data, at)
  SELECT '${type}', ${row}.id, l.id, json_object('connectorId', ${row}.id, 'name', ${row}.name, 'type', ${row}.type,
    'collection', l.id, 'error', json(${row}.last_error)), ${nowMs}
  FROM collections l WHERE l.no = ${row}.collection_no;`

/**
 * Version 3: webhooks in both directions, schedules, and where a permission refresh stands. What webhooks tell of is
 * written by triggers, in the transaction in which it happens: nothing is told that was rolled back, nothing is lost.
 */
export const version3: string = `
CREATE TABLE webhooks (
  no INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  url TEXT NOT NULL,
  description TEXT NOT NULL,
  -- JSON arrays; collections may be null, for all.
  events TEXT NOT NULL,
  collections TEXT,
  enabled INTEGER NOT NULL,
  -- Enabled, and listens to documents.
  documents INTEGER NOT NULL,
  key_id TEXT NOT NULL,
  ciphertext BLOB NOT NULL,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL
) STRICT;

-- What happened, not yet made into deliveries.
CREATE TABLE webhook_outbox (
  no INTEGER PRIMARY KEY,
  type TEXT NOT NULL,
  connector_id TEXT NOT NULL,
  collection_id TEXT NOT NULL,
  data TEXT NOT NULL,
  at INTEGER NOT NULL
) STRICT;
-- The same for single documents, which are told of in batches.
CREATE TABLE webhook_changes (
  no INTEGER PRIMARY KEY,
  connector_no INTEGER NOT NULL,
  type TEXT NOT NULL,
  document_id TEXT NOT NULL,
  path TEXT NOT NULL,
  error TEXT,
  at INTEGER NOT NULL
) STRICT;

CREATE TABLE webhook_deliveries (
  no INTEGER PRIMARY KEY,
  -- Of the event: the same for every webhook that is told of it.
  id TEXT NOT NULL,
  webhook_no INTEGER NOT NULL REFERENCES webhooks (no) ON DELETE CASCADE,
  type TEXT NOT NULL,
  body TEXT NOT NULL,
  status TEXT NOT NULL,
  attempts INTEGER NOT NULL DEFAULT 0,
  last_status INTEGER,
  last_error TEXT,
  last_ms INTEGER,
  next_at INTEGER,
  created_at INTEGER NOT NULL,
  completed_at INTEGER,
  UNIQUE (webhook_no, id)
) STRICT;
CREATE INDEX webhook_deliveries_due ON webhook_deliveries (webhook_no, next_at) WHERE status = 'pending';
CREATE INDEX webhook_deliveries_done ON webhook_deliveries (completed_at) WHERE completed_at > 0;

CREATE TRIGGER jobs_told AFTER UPDATE OF status ON jobs
WHEN old.status <> new.status AND new.kind <> 'permissions' AND ${someoneListens}
  AND (new.status IN ('completed', 'partial', 'failed', 'needs_confirmation') OR (new.status = 'running' AND new.attempt = 1))
BEGIN
  INSERT INTO webhook_outbox (type, connector_id, collection_id, data, at)
  SELECT 'sync.' || CASE new.status WHEN 'running' THEN 'started' ELSE new.status END, c.id, l.id,
    json_object('jobId', new.id, 'connectorId', c.id, 'name', c.name, 'type', c.type, 'collection', l.id,
      'kind', new.kind, 'status', new.status,
      'progress', json_object('listed', new.listed, 'collected', new.collected, 'parsed', new.parsed,
        'indexed', new.indexed, 'unchanged', new.unchanged, 'skipped', new.skipped, 'failed', new.failed,
        'deleted', new.deleted, 'bytes', new.bytes),
      'error', json(new.error), 'pendingDeletions', new.pending_deletions), ${nowMs}
  FROM connectors c JOIN collections l ON l.no = c.collection_no WHERE c.no = new.connector_no AND c.deleted_at IS NULL;
END;

CREATE TRIGGER connectors_made AFTER INSERT ON connectors WHEN ${someoneListens} BEGIN
  ${tellOfConnector('new', 'connector.created')}
END;
-- Whoever changes what a person set writes updated_at too.
CREATE TRIGGER connectors_changed AFTER UPDATE OF updated_at ON connectors
WHEN new.deleted_at IS NULL AND new.last_error IS old.last_error AND ${someoneListens} BEGIN
  ${tellOfConnector('new', 'connector.updated')}
END;
CREATE TRIGGER connectors_removed AFTER UPDATE OF deleted_at ON connectors
WHEN old.deleted_at IS NULL AND new.deleted_at IS NOT NULL AND ${someoneListens} BEGIN
  ${tellOfConnector('old', 'connector.deleted')}
END;
CREATE TRIGGER connectors_failed AFTER UPDATE OF last_error ON connectors
WHEN old.last_error IS NULL AND new.last_error IS NOT NULL AND ${someoneListens} BEGIN
  ${tellOfConnector('new', 'connector.error')}
END;

CREATE TRIGGER documents_told AFTER UPDATE OF status, fingerprint ON documents
WHEN ${someoneListensToDocuments} AND (new.status <> old.status OR new.status = 'failed' OR new.version <> old.version
  OR new.fingerprint <> old.fingerprint OR new.content_hash IS NOT old.content_hash OR new.pipeline IS NOT old.pipeline)
  AND new.status IN ('indexed', 'failed', 'deleted')
BEGIN
  INSERT INTO webhook_changes (connector_no, type, document_id, path, error, at)
  VALUES (new.connector_no,
    'document.' || CASE WHEN new.status <> 'indexed' THEN new.status
      WHEN old.indexed_at IS NULL OR old.status = 'deleted' THEN 'indexed' ELSE 'updated' END,
    new.id, new.path,
    CASE new.status WHEN 'failed' THEN json_object('stage', new.error_stage, 'code', new.error_code, 'message', new.error_message) END,
    ${nowMs});
END;

-- Registrations at sources that tell of changes themselves.
CREATE TABLE hook_subscriptions (
  connector_no INTEGER PRIMARY KEY REFERENCES connectors (no) ON DELETE CASCADE,
  url TEXT NOT NULL,
  handle TEXT,
  expires_at INTEGER,
  -- When to renew, or to try again.
  due_at INTEGER,
  failures INTEGER NOT NULL DEFAULT 0,
  last_error TEXT
) STRICT;

ALTER TABLE connectors ADD COLUMN next_sync_at INTEGER;
CREATE INDEX connectors_due ON connectors (next_sync_at) WHERE schedule IS NOT NULL;

-- Of a permission refresh: the last entry whose access list is written; empty once the groups are.
ALTER TABLE jobs ADD COLUMN position TEXT;
-- Entries dealt with before this attempt: its pace is that of the others.
ALTER TABLE jobs ADD COLUMN done_before INTEGER NOT NULL DEFAULT 0;
`
