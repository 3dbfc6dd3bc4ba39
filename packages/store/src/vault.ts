import { createCipheriv, createDecipheriv, createHash, randomBytes } from 'node:crypto'
import type { Json } from '@cx/core'
import type { Vault } from '@cx/core/engine'
import type { Keyring } from './keyring.ts'
import { createFreshener, type Refresher, type StoredCredentials } from './refresh.ts'
import type { Connector, SecretRow, Store } from './store.ts'
import type { SealedSecret } from './webhooks.ts'

export interface VaultOptions {
  readonly store: Pick<
    Store,
    | 'putSecret'
    | 'replaceSecret'
    | 'secret'
    | 'secrets'
    | 'deleteSecrets'
    | 'acquireLease'
    | 'releaseLease'
    | 'putTicket'
    | 'takeTicket'
    | 'webhookSecrets'
    | 'putWebhookSecret'
  >
  readonly keys: Keyring
  /** Renews credentials that expire; without it they are handed out as they are. */
  readonly refresher?: Refresher
}

/** The engine's vault, and what the host needs besides. Only ciphertext leaves it for the store. */
export interface CredentialVault extends Vault {
  /** Replaces the connector's credentials whole; shows the method and a masked hint per field, or these hints. */
  save(connectorId: string, credentials: StoredCredentials, hints?: Readonly<Record<string, string>>): Promise<void>
  /** Keeps any other secret of a connector, such as a webhook's. */
  put(connectorId: string, name: string, value: Json): Promise<void>
  get(connectorId: string, name: string): Promise<Json | undefined>
  /** Keeps a value that can be taken once, by whoever has the token; of the token only a hash is kept. */
  lend(token: string, value: Json, expiresAt: number): Promise<void>
  /** Undefined when the token is not known, was used before or has expired. */
  redeem(token: string): Promise<Json | undefined>
  /** Encrypts a value that is kept elsewhere, bound to its owner. */
  seal(owner: string, value: Json): SealedSecret
  /** @throws VaultError `corrupt` when it was changed or belongs to another owner. */
  unseal(owner: string, sealed: SealedSecret): Json
  /** Forgets all of a connector's secrets. */
  forget(connectorId: string): Promise<void>
  /** Encrypts with the current key whatever was encrypted with another; returns how many. Safe beside other writers. */
  rotate(): Promise<number>
}

const credentialsName = 'credentials'
/** Stands where a connector's id stands otherwise. */
const ticketOwner = 'ticket'
/** Stands where the name of a connector's secret stands otherwise. */
const sealedName = 'sealed'
const layout = 1
const ivBytes = 12
const tagBytes = 16

/** AES-256-GCM with the key's id beside it; bound to its connector and name, so that rows cannot change places. */
export function createVault({ store, keys, refresher }: VaultOptions): CredentialVault {
  const seal = (connectorId: string, name: string, value: Json): Omit<SecretRow, 'updatedAt'> => {
    const keyId = keys.current
    return {
      connectorId,
      name,
      keyId,
      ciphertext: encrypt(keys.key(keyId), associated(connectorId, name), JSON.stringify(value)),
    }
  }
  const unseal = (row: SecretRow): Json =>
    JSON.parse(decrypt(keys.key(row.keyId), associated(row.connectorId, row.name), row.ciphertext)) as Json

  const get = async (connectorId: string, name: string): Promise<Json | undefined> => {
    const row = await store.secret(connectorId, name)
    return row === undefined ? undefined : unseal(row)
  }
  const fresh =
    refresher &&
    createFreshener({
      store,
      refresher,
      async read(connectorId) {
        const row = await store.secret(connectorId, credentialsName)
        return row && { credentials: unseal(row) as StoredCredentials, ciphertext: row.ciphertext }
      },
      replace: (connectorId, next, held) =>
        store.replaceSecret(seal(connectorId, credentialsName, next), held.ciphertext),
    })

  const rotateWebhooks = async (): Promise<number> => {
    let changed = 0
    for (let after = ''; ; ) {
      const rows = await store.webhookSecrets(keys.current, after, 100)
      for (const { id, ...sealed } of rows) {
        const value = unseal({ ...sealed, connectorId: id, name: sealedName, updatedAt: 0 })
        if (await store.putWebhookSecret(id, seal(id, sealedName, value), sealed.ciphertext)) changed++
      }
      const last = rows.at(-1)
      if (last === undefined) return changed
      after = last.id
    }
  }

  return {
    get,
    save: (connectorId, credentials, hints) =>
      store.putSecret(seal(connectorId, credentialsName, credentials), {
        ...shown(credentials),
        ...(hints && { hints }),
      }),
    async put(connectorId, name, value) {
      await store.putSecret(seal(connectorId, name, value))
    },
    async credentials(connectorId, { refresh: refused = false } = {}) {
      if (!refresher || !fresh) return (await get(connectorId, credentialsName)) as StoredCredentials | undefined
      const credentials = await fresh(connectorId, refused)
      return credentials && refresher.present(credentials)
    },
    async lend(token, value, expiresAt) {
      const hash = hashOf(token)
      const { keyId, ciphertext } = seal(ticketOwner, hash, value)
      await store.putTicket({ hash, keyId, ciphertext, expiresAt })
    },
    async redeem(token) {
      const hash = hashOf(token)
      const row = await store.takeTicket(hash)
      if (row === undefined || row.expiresAt <= Date.now()) return undefined
      return unseal({ ...row, connectorId: ticketOwner, name: hash, updatedAt: 0 })
    },
    seal(owner, value) {
      const { keyId, ciphertext } = seal(owner, sealedName, value)
      return { keyId, ciphertext }
    },
    unseal: (owner, sealed) => unseal({ ...sealed, connectorId: owner, name: sealedName, updatedAt: 0 }),
    forget: (connectorId) => store.deleteSecrets(connectorId),
    async rotate() {
      let changed = await rotateWebhooks()
      let after: string | undefined
      for (;;) {
        const rows: readonly SecretRow[] = await store.secrets({
          limit: 100,
          notKeyId: keys.current,
          ...(after === undefined ? {} : { after }),
        })
        for (const row of rows)
          if (await store.replaceSecret(seal(row.connectorId, row.name, unseal(row)), row.ciphertext)) changed++
        const last = rows.at(-1)
        if (last === undefined) return changed
        after = `${last.connectorId}/${last.name}`
      }
    },
  }
}

function hashOf(token: string): string {
  return createHash('sha256').update(token).digest('hex')
}

function associated(connectorId: string, name: string): Uint8Array {
  return Buffer.from(`${connectorId}\n${name}`)
}

function encrypt(key: Uint8Array, data: Uint8Array, plaintext: string): Uint8Array {
  const iv = randomBytes(ivBytes)
  const cipher = createCipheriv('aes-256-gcm', key, iv).setAAD(data)
  const body = [cipher.update(plaintext, 'utf8'), cipher.final()]
  return new Uint8Array(Buffer.concat([Uint8Array.of(layout), iv, cipher.getAuthTag(), ...body]))
}

/** @throws VaultError `corrupt` when it was changed, belongs elsewhere or the key is another. */
function decrypt(key: Uint8Array, data: Uint8Array, ciphertext: Uint8Array): string {
  try {
    if (ciphertext[0] !== layout) throw new Error('unknown layout')
    const start = 1 + ivBytes + tagBytes
    const decipher = createDecipheriv('aes-256-gcm', key, ciphertext.subarray(1, 1 + ivBytes), {
      authTagLength: tagBytes,
    })
      .setAAD(data)
      .setAuthTag(ciphertext.subarray(1 + ivBytes, start))
    return decipher.update(ciphertext.subarray(start), undefined, 'utf8') + decipher.final('utf8')
  } catch {
    throw Object.assign(
      new Error('The stored credentials cannot be decrypted: the row was changed or copied. Enter them again.'),
      { name: 'VaultError', code: 'corrupt' },
    )
  }
}

/** What may be shown of credentials: the last four characters of what is long enough not to be given away by them. */
function shown({ method, ...fields }: StoredCredentials): NonNullable<Connector['credentials']> {
  const hints = Object.entries(fields).map(([name, value]): [string, string] => [
    name,
    typeof value === 'string' && value.length >= 16 ? `••••${value.slice(-4)}` : '••••',
  ])
  return { method: String(method ?? ''), hints: Object.fromEntries(hints) }
}
