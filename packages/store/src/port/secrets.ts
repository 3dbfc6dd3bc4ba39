import type { Connector } from './connectors.ts'
import type { PageRequest } from './page.ts'

/** Encrypted credentials as rows: ciphertext in, ciphertext out. Cryptography lives in `vault.ts`. */
export interface SecretRow {
  readonly connectorId: string
  readonly name: string
  readonly keyId: string
  readonly ciphertext: Uint8Array
  readonly updatedAt: number
}

/** An encrypted value under the hash of the token that it can be taken with. */
export interface TicketRow {
  readonly hash: string
  readonly keyId: string
  readonly ciphertext: Uint8Array
  readonly expiresAt: number
}

/** Encrypted values, and leases for what one process alone may do. Times are epoch milliseconds. Absent rows are `undefined`. */
export interface SecretStore {
  putSecret(row: Omit<SecretRow, 'updatedAt'>, shown?: Connector['credentials']): Promise<void>
  /** Replaces it if its ciphertext still is `expected`; says whether it did. For rotation beside other writers. */
  replaceSecret(row: Omit<SecretRow, 'updatedAt'>, expected: Uint8Array): Promise<boolean>
  secret(connectorId: string, name: string): Promise<SecretRow | undefined>
  /** By keyset, for rotation: `after` is `<connector id>/<name>` of the last row before. */
  secrets(page: PageRequest & { readonly notKeyId?: string }): Promise<readonly SecretRow[]>
  deleteSecrets(connectorId: string): Promise<void>

  /** Takes or extends a lease, for what one process alone may do at a time; false while another owner holds it. */
  acquireLease(name: string, owner: string, ttlMs: number): Promise<boolean>
  releaseLease(name: string, owner: string): Promise<void>
  putTicket(ticket: TicketRow): Promise<void>
  /** Removes and returns it, also when it has expired: whoever asks second gets nothing. */
  takeTicket(hash: string): Promise<TicketRow | undefined>
}
