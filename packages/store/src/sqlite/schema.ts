/**
 * Version 1. Rows are joined by hidden integer keys (`no`); public ids stand in one column each. Times are epoch
 * milliseconds, booleans 0 and 1, JSON is text. A released migration is never edited: add another.
 */
export const version1 = `
CREATE TABLE collections (
  no INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  name TEXT NOT NULL UNIQUE,
  description TEXT NOT NULL,
  embedding TEXT,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL
) STRICT;

CREATE TABLE connectors (
  no INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  name TEXT NOT NULL,
  type TEXT NOT NULL,
  collection_no INTEGER NOT NULL REFERENCES collections (no),
  config TEXT NOT NULL,
  enabled INTEGER NOT NULL,
  activated INTEGER NOT NULL,
  last_error TEXT,
  schedule TEXT,
  timezone TEXT NOT NULL,
  limits TEXT NOT NULL,
  tenant TEXT,
  credentials TEXT,
  last_sync TEXT,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  deleted_at INTEGER
) STRICT;
CREATE INDEX connectors_collection ON connectors (collection_no);

-- Where a connector's listing stands. generation rises with each listing; unfinished and held are generations.
CREATE TABLE sync_states (
  connector_no INTEGER PRIMARY KEY REFERENCES connectors (no) ON DELETE CASCADE,
  cursor TEXT,
  generation INTEGER NOT NULL DEFAULT 0,
  unfinished INTEGER,
  resume TEXT,
  unreadable TEXT,
  listed_at INTEGER,
  held INTEGER,
  held_job_no INTEGER
) STRICT;

CREATE TABLE jobs (
  no INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  connector_no INTEGER NOT NULL REFERENCES connectors (no) ON DELETE CASCADE,
  kind TEXT NOT NULL,
  params TEXT NOT NULL,
  status TEXT NOT NULL,
  attempt INTEGER NOT NULL DEFAULT 0,
  owner TEXT,
  lease_until INTEGER,
  cancel_requested INTEGER NOT NULL DEFAULT 0,
  listed INTEGER NOT NULL DEFAULT 0,
  collected INTEGER NOT NULL DEFAULT 0,
  parsed INTEGER NOT NULL DEFAULT 0,
  indexed INTEGER NOT NULL DEFAULT 0,
  unchanged INTEGER NOT NULL DEFAULT 0,
  skipped INTEGER NOT NULL DEFAULT 0,
  failed INTEGER NOT NULL DEFAULT 0,
  deleted INTEGER NOT NULL DEFAULT 0,
  bytes INTEGER NOT NULL DEFAULT 0,
  expected INTEGER,
  missing INTEGER NOT NULL DEFAULT 0,
  revision INTEGER NOT NULL DEFAULT 0,
  error TEXT,
  unreadable TEXT,
  pending_deletions INTEGER,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  running_since INTEGER,
  completed_at INTEGER
) STRICT;
CREATE INDEX jobs_connector ON jobs (connector_no);
CREATE UNIQUE INDEX jobs_unique ON jobs (connector_no, kind, params) WHERE status = 'queued' AND attempt = 0;
CREATE UNIQUE INDEX jobs_running ON jobs (connector_no) WHERE status = 'running';
CREATE INDEX jobs_queued ON jobs (status) WHERE status IN ('queued', 'running');

CREATE TABLE documents (
  no INTEGER PRIMARY KEY,
  connector_no INTEGER NOT NULL REFERENCES connectors (no),
  source_id TEXT NOT NULL,
  parent_no INTEGER,
  status TEXT NOT NULL,
  version TEXT NOT NULL,
  fingerprint INTEGER NOT NULL,
  -- What it was indexed or skipped under.
  pipeline TEXT,
  -- 'person' or 'sweep', when the status is 'deleted'.
  deleted_by TEXT,
  error_code TEXT,
  acl_no INTEGER,
  updated_ms INTEGER,
  mime_type TEXT,
  chunks INTEGER NOT NULL DEFAULT 0,
  next_slot INTEGER NOT NULL DEFAULT 0,
  id TEXT NOT NULL UNIQUE,
  path TEXT NOT NULL,
  title TEXT,
  -- The shown title as the full-text index has it.
  search_title TEXT NOT NULL,
  language TEXT,
  pages INTEGER,
  bytes INTEGER,
  content_hash TEXT,
  error_stage TEXT,
  error_message TEXT,
  attempts INTEGER NOT NULL DEFAULT 0,
  next_attempt_at INTEGER,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  indexed_at INTEGER,
  deleted_at INTEGER,
  -- What the content said of itself.
  parsed TEXT,
  -- The entry as listed, but for id, path, version and acl.
  entry TEXT NOT NULL
) STRICT;
CREATE UNIQUE INDEX documents_source ON documents (connector_no, source_id) WHERE parent_no IS NULL;
CREATE INDEX documents_path ON documents (connector_no, path) WHERE parent_no IS NULL;
-- Not IS NOT NULL: to compare that with a parameter, SQLite plans anew at each new value of it (20 to 600 µs a time).
CREATE UNIQUE INDEX documents_child ON documents (parent_no, source_id) WHERE parent_no > 0;
CREATE INDEX documents_status ON documents (connector_no, status);
CREATE INDEX documents_live ON documents (connector_no) WHERE status <> 'deleted';
CREATE INDEX documents_tombstone ON documents (deleted_at) WHERE status = 'deleted';
CREATE INDEX documents_acl ON documents (acl_no) WHERE acl_no > 0;

-- Kept by triggers, so that totals cost nothing at any size.
CREATE TABLE document_counts (
  connector_no INTEGER NOT NULL,
  child INTEGER NOT NULL,
  status TEXT NOT NULL,
  pipeline TEXT NOT NULL,
  documents INTEGER NOT NULL,
  chunks INTEGER NOT NULL,
  PRIMARY KEY (connector_no, child, status, pipeline)
) STRICT, WITHOUT ROWID;
CREATE TRIGGER documents_counted AFTER INSERT ON documents BEGIN
  INSERT INTO document_counts VALUES (new.connector_no, new.parent_no IS NOT NULL, new.status, ifnull(new.pipeline, ''), 1, new.chunks)
  ON CONFLICT DO UPDATE SET documents = documents + 1, chunks = chunks + excluded.chunks;
END;
CREATE TRIGGER documents_uncounted AFTER DELETE ON documents BEGIN
  UPDATE document_counts SET documents = documents - 1, chunks = chunks - old.chunks
  WHERE connector_no = old.connector_no AND child = (old.parent_no IS NOT NULL) AND status = old.status AND pipeline = ifnull(old.pipeline, '');
END;
CREATE TRIGGER documents_recounted AFTER UPDATE OF status, chunks, pipeline ON documents
WHEN old.status <> new.status OR old.chunks <> new.chunks OR old.pipeline IS NOT new.pipeline BEGIN
  UPDATE document_counts SET documents = documents - 1, chunks = chunks - old.chunks
  WHERE connector_no = old.connector_no AND child = (old.parent_no IS NOT NULL) AND status = old.status AND pipeline = ifnull(old.pipeline, '');
  INSERT INTO document_counts VALUES (new.connector_no, new.parent_no IS NOT NULL, new.status, ifnull(new.pipeline, ''), 1, new.chunks)
  ON CONFLICT DO UPDATE SET documents = documents + 1, chunks = chunks + excluded.chunks;
END;

-- The last mark of each document: the listing that saw it, the job that dealt with it (settled: 1 done, 2 gone).
CREATE TABLE seen (
  connector_no INTEGER NOT NULL,
  document_no INTEGER NOT NULL,
  generation INTEGER NOT NULL,
  job_no INTEGER NOT NULL,
  settled INTEGER NOT NULL,
  PRIMARY KEY (connector_no, document_no)
) STRICT, WITHOUT ROWID;

CREATE TABLE job_failures (
  job_no INTEGER NOT NULL REFERENCES jobs (no) ON DELETE CASCADE,
  seq INTEGER NOT NULL,
  document_no INTEGER NOT NULL,
  path TEXT NOT NULL,
  stage TEXT NOT NULL,
  code TEXT NOT NULL,
  message TEXT NOT NULL,
  retryable INTEGER NOT NULL,
  at INTEGER NOT NULL,
  PRIMARY KEY (job_no, seq)
) STRICT, WITHOUT ROWID;

-- no = document_no * 2^20 + slot: a document's chunks lie together, and a match leads to its document without a lookup.
CREATE TABLE chunks (
  no INTEGER PRIMARY KEY,
  position INTEGER NOT NULL,
  overlap INTEGER NOT NULL,
  page INTEGER,
  headings TEXT NOT NULL,
  -- What the full-text index has instead of headings and text, where it cannot take them as they are.
  headings_shadow TEXT,
  shadow TEXT,
  text TEXT NOT NULL
) STRICT;
CREATE VIEW chunk_search AS
  SELECT c.no AS no, d.search_title AS title, coalesce(c.headings_shadow, c.headings) AS headings,
    coalesce(c.shadow, c.text) AS body
  FROM chunks c JOIN documents d ON d.no = (c.no >> 20);
CREATE VIRTUAL TABLE chunks_fts USING fts5 (
  title, headings, body, content = 'chunk_search', content_rowid = 'no', tokenize = 'porter unicode61 remove_diacritics 2'
);

CREATE TABLE principals (
  no INTEGER PRIMARY KEY,
  connector_no INTEGER NOT NULL,
  type TEXT NOT NULL,
  id TEXT NOT NULL,
  -- The id in lower case, for those that are e-mails or domains.
  folded TEXT NOT NULL,
  -- Lower case; empty when not known.
  email TEXT NOT NULL,
  UNIQUE (connector_no, type, id, email)
) STRICT;
CREATE INDEX principals_id ON principals (type, id);
CREATE INDEX principals_folded ON principals (type, folded);
CREATE INDEX principals_email ON principals (email) WHERE email <> '';
CREATE TABLE acls (
  no INTEGER PRIMARY KEY,
  connector_no INTEGER NOT NULL,
  hash TEXT NOT NULL,
  sets INTEGER NOT NULL,
  acl TEXT NOT NULL,
  UNIQUE (connector_no, hash)
) STRICT;
-- Set numbers count from 0; -1 holds the denied.
CREATE TABLE acl_members (
  principal_no INTEGER NOT NULL,
  acl_no INTEGER NOT NULL,
  set_no INTEGER NOT NULL,
  PRIMARY KEY (principal_no, acl_no, set_no)
) STRICT, WITHOUT ROWID;
CREATE INDEX acl_members_acl ON acl_members (acl_no);
CREATE TABLE source_groups (
  group_no INTEGER PRIMARY KEY,
  connector_no INTEGER NOT NULL,
  job_no INTEGER NOT NULL,
  attempt INTEGER NOT NULL
) STRICT;
CREATE INDEX source_groups_connector ON source_groups (connector_no);
CREATE TABLE group_members (
  member_no INTEGER NOT NULL,
  group_no INTEGER NOT NULL,
  PRIMARY KEY (member_no, group_no)
) STRICT, WITHOUT ROWID;
CREATE INDEX group_members_group ON group_members (group_no);

-- Only who is named now is known: an e-mail that nobody is listed under any more must not lead to its former owner.
CREATE TRIGGER acls_left AFTER UPDATE OF acl_no ON documents
WHEN old.acl_no IS NOT NULL AND old.acl_no IS NOT new.acl_no BEGIN
  DELETE FROM acls WHERE no = old.acl_no AND NOT EXISTS (SELECT 1 FROM documents WHERE acl_no = old.acl_no AND acl_no > 0);
END;
CREATE TRIGGER acls_dropped AFTER DELETE ON documents WHEN old.acl_no IS NOT NULL BEGIN
  DELETE FROM acls WHERE no = old.acl_no AND NOT EXISTS (SELECT 1 FROM documents WHERE acl_no = old.acl_no AND acl_no > 0);
END;
CREATE TRIGGER acls_deleted AFTER DELETE ON acls BEGIN
  DELETE FROM acl_members WHERE acl_no = old.no;
END;
CREATE TRIGGER acl_members_deleted AFTER DELETE ON acl_members BEGIN
  DELETE FROM principals WHERE no = old.principal_no
    AND NOT EXISTS (SELECT 1 FROM acl_members WHERE principal_no = old.principal_no)
    AND NOT EXISTS (SELECT 1 FROM group_members WHERE member_no = old.principal_no)
    AND NOT EXISTS (SELECT 1 FROM source_groups WHERE group_no = old.principal_no);
END;
CREATE TRIGGER group_members_deleted AFTER DELETE ON group_members BEGIN
  DELETE FROM principals WHERE no = old.member_no
    AND NOT EXISTS (SELECT 1 FROM acl_members WHERE principal_no = old.member_no)
    AND NOT EXISTS (SELECT 1 FROM group_members WHERE member_no = old.member_no)
    AND NOT EXISTS (SELECT 1 FROM source_groups WHERE group_no = old.member_no);
END;
CREATE TRIGGER source_groups_deleted AFTER DELETE ON source_groups BEGIN
  DELETE FROM group_members WHERE group_no = old.group_no;
  DELETE FROM principals WHERE no = old.group_no
    AND NOT EXISTS (SELECT 1 FROM acl_members WHERE principal_no = old.group_no)
    AND NOT EXISTS (SELECT 1 FROM group_members WHERE member_no = old.group_no);
END;

CREATE TABLE api_keys (
  no INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  hash TEXT NOT NULL UNIQUE,
  name TEXT NOT NULL,
  role TEXT NOT NULL,
  collections TEXT,
  scopes TEXT NOT NULL,
  hint TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  expires_at INTEGER,
  last_used_at INTEGER
) STRICT;

CREATE TABLE secrets (
  no INTEGER PRIMARY KEY,
  connector_no INTEGER NOT NULL REFERENCES connectors (no) ON DELETE CASCADE,
  name TEXT NOT NULL,
  key_id TEXT NOT NULL,
  ciphertext BLOB NOT NULL,
  updated_at INTEGER NOT NULL,
  UNIQUE (connector_no, name)
) STRICT;

CREATE TABLE answers (
  key TEXT PRIMARY KEY,
  request_hash TEXT NOT NULL,
  status INTEGER,
  body TEXT,
  expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX answers_expiry ON answers (expires_at);

CREATE TABLE audit (
  no INTEGER PRIMARY KEY,
  at INTEGER NOT NULL,
  actor TEXT NOT NULL,
  action TEXT NOT NULL,
  target TEXT NOT NULL,
  details TEXT NOT NULL
) STRICT;
`
