/** Version 2: what one process alone may do at a time, and values that a token is exchanged for once (see `leases.ts`). */
export const version2 = `
CREATE TABLE leases (
  name TEXT PRIMARY KEY,
  owner TEXT NOT NULL,
  expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE tickets (
  hash TEXT PRIMARY KEY,
  key_id TEXT NOT NULL,
  ciphertext BLOB NOT NULL,
  expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX tickets_expiry ON tickets (expires_at);
`
