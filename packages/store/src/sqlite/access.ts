import type { Acl, Principal } from '@cx/core'
import type { AccessExplanation } from '../store.ts'
import type { Connection, Param } from './connection.ts'

/**
 * Who a person is in each connector: `mine` holds the keys of the principals that stand for them, closed over groups.
 * An e-mail stands for the source ids known under it, a source id for its known e-mails, in the same connector and one
 * step far. Ids belong to their connector, so a group of one source lets nobody into another.
 */
export function mine(principal: string): { readonly sql: string; readonly params: readonly Param[] } {
  const email = principal.includes('@') ? principal.toLowerCase() : null
  const self =
    email === null
      ? {
          sql: `SELECT connector_no, id FROM principals WHERE type = 'user' AND id = ? AND id <> ''`,
          params: [principal],
        }
      : {
          sql: `SELECT connector_no, id FROM principals WHERE email = ? AND id <> ''
            UNION SELECT connector_no, id FROM principals WHERE type = 'user' AND folded = ?`,
          params: [email, email],
        }
  const mails =
    email === null
      ? {
          sql: `SELECT p.connector_no, p.email FROM self s CROSS JOIN principals p
            ON p.connector_no = s.connector_no AND p.type = 'user' AND p.id = s.id WHERE p.email <> ''`,
          params: [],
        }
      : { sql: 'SELECT no, ? FROM connectors', params: [email] }
  return {
    sql: `WITH RECURSIVE self (connector_no, id) AS (${self.sql}),
      mails (connector_no, email) AS (${mails.sql}),
      mine (no) AS (
        SELECT p.no FROM self s CROSS JOIN principals p
          ON p.connector_no = s.connector_no AND p.type = 'user' AND p.id = s.id
        UNION SELECT p.no FROM mails m CROSS JOIN principals p ON p.email = m.email AND p.connector_no = m.connector_no
        UNION SELECT p.no FROM mails m CROSS JOIN principals p
          ON p.type = 'user' AND p.folded = m.email AND p.connector_no = m.connector_no
        UNION SELECT p.no FROM mails m CROSS JOIN principals p
          ON p.type = 'domain' AND p.folded = substr(m.email, instr(m.email, '@') + 1) AND p.connector_no = m.connector_no
        UNION SELECT no FROM principals WHERE type = 'anyone' AND folded = ''
        UNION SELECT g.group_no FROM mine CROSS JOIN group_members g ON g.member_no = mine.no
      )`,
    params: [...self.params, ...mails.params],
  }
}

/** The access lists that let `mine` in: a match in every set and none among the denied. */
export const readableAcls = `SELECT m.acl_no FROM mine CROSS JOIN acl_members m ON m.principal_no = mine.no
  GROUP BY m.acl_no
  HAVING min(m.set_no) >= 0 AND count(DISTINCT m.set_no) = (SELECT sets FROM acls WHERE no = m.acl_no)`

interface PrincipalRow {
  readonly no: number
  readonly type: Principal['type']
  readonly id: string
  readonly email: string
}

function toPrincipal({ type, id, email }: PrincipalRow): Principal {
  if (type === 'anyone') return { type }
  return type === 'user' && email !== '' ? { type, id, email } : { type, id }
}

/** See `Store.explainAccess`. */
export function explainAccess(db: Connection, documentId: string, principal: string): AccessExplanation | undefined {
  const document = db.get<{ connectorNo: number; aclNo: number | null; acl: string | null; sets: number | null }>(
    `SELECT d.connector_no AS connectorNo, d.acl_no AS aclNo, a.acl, a.sets
     FROM documents d LEFT JOIN acls a ON a.no = d.acl_no WHERE d.id = ?`,
    documentId,
  )
  if (document === undefined) return undefined
  const person = mine(principal)
  const principals = db
    .all<PrincipalRow>(
      `${person.sql} SELECT p.no, p.type, p.id, p.email FROM mine CROSS JOIN principals p ON p.no = mine.no
       WHERE p.connector_no = ? ORDER BY p.no`,
      ...person.params,
      document.connectorNo,
    )
    .map(toPrincipal)
  if (document.aclNo === null) return { allowed: false, acl: null, principals, matches: [], denied: null }
  const found = new Map<number, Principal>()
  for (const row of db.all<PrincipalRow & { set: number }>(
    `${person.sql} SELECT p.no, p.type, p.id, p.email, m.set_no AS "set"
     FROM acl_members m JOIN principals p ON p.no = m.principal_no
     WHERE m.acl_no = ? AND m.principal_no IN (SELECT no FROM mine) ORDER BY p.no DESC`,
    ...person.params,
    document.aclNo,
  ))
    found.set(row.set, toPrincipal(row))
  const acl = JSON.parse(document.acl ?? '{"allOf":[]}') as Acl
  const matches = acl.allOf.map((_, set) => found.get(set) ?? null)
  const denied = found.get(-1) ?? null
  return {
    allowed: denied === null && matches.length > 0 && matches.every((match) => match !== null),
    acl,
    principals,
    matches,
    denied,
  }
}
