import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'
import type { Json } from '@cx/core'
import type { Vault } from '@cx/core/engine'
import type { Keyring } from './keyring.ts'
import type { Connector, SecretRow, Store } from './store.ts'

/** Credentials as a person or a provider gave them, told apart by `method`. */
export type StoredCredentials = Readonly<Record<string, Json>>

export interface VaultOptions {
  readonly store: Pick<Store, 'putSecret' | 'replaceSecret' | 'secret' | 'secrets' | 'deleteSecrets'>
  readonly keys: Keyring
  /**
   * Makes credentials fresh, such as by an OAuth refresh. Called at each read, at most once at a time per connector;
   * `force` says that the source has refused them. What it returns is stored before it is used; undefined keeps them.
   */
  readonly refresh?: (
    connectorId: string,
    credentials: StoredCredentials,
    options: { readonly force: boolean },
  ) => Promise<StoredCredentials | undefined>
}

/** The engine's vault, and what the host needs besides. Only ciphertext leaves it for the store. */
export interface CredentialVault extends Vault {
  /** Replaces the connector's credentials whole; shows the method and a masked hint per field. */
  save(connectorId: string, credentials: StoredCredentials): Promise<void>
  /** Keeps any other secret of a connector, such as a webhook's. */
  put(connectorId: string, name: string, value: Json): Promise<void>
  get(connectorId: string, name: string): Promise<Json | undefined>
  /** Forgets all of a connector's secrets. */
  forget(connectorId: string): Promise<void>
  /** Encrypts with the current key whatever was encrypted with another; returns how many. Safe beside other writers. */
  rotate(): Promise<number>
}

const credentialsName = 'credentials'
const layout = 1
const ivBytes = 12
const tagBytes = 16

/** AES-256-GCM with the key's id beside it; bound to its connector and name, so that rows cannot change places. */
export function createVault({ store, keys, refresh }: VaultOptions): CredentialVault {
  const refreshing = new Map<string, Promise<StoredCredentials>>()

  const seal = (connectorId: string, name: string, value: Json): Omit<SecretRow, 'updatedAt'> => ({
    connectorId,
    name,
    keyId: keys.current,
    ciphertext: encrypt(keys.key(keys.current), associated(connectorId, name), JSON.stringify(value)),
  })
  const unseal = (row: SecretRow): Json =>
    JSON.parse(decrypt(keys.key(row.keyId), associated(row.connectorId, row.name), row.ciphertext)) as Json

  const get = async (connectorId: string, name: string): Promise<Json | undefined> => {
    const row = await store.secret(connectorId, name)
    return row === undefined ? undefined : unseal(row)
  }
  const save = (connectorId: string, credentials: StoredCredentials): Promise<void> =>
    store.putSecret(seal(connectorId, credentialsName, credentials), shown(credentials))

  const freshen = async (
    connectorId: string,
    stored: StoredCredentials,
    force: boolean,
  ): Promise<StoredCredentials> => {
    const fresh = await refresh?.(connectorId, stored, { force })
    if (fresh === undefined) return stored
    // A rotated refresh token that is used and lost locks everyone out.
    await save(connectorId, fresh)
    return fresh
  }

  return {
    get,
    save,
    async put(connectorId, name, value) {
      await store.putSecret(seal(connectorId, name, value))
    },
    async credentials(connectorId, { refresh: force = false } = {}) {
      const running = refreshing.get(connectorId)
      if (running !== undefined) return running
      const stored = (await get(connectorId, credentialsName)) as StoredCredentials | undefined
      if (stored === undefined || refresh === undefined) return stored
      const begun = refreshing.get(connectorId)
      if (begun !== undefined) return begun
      const fresh = freshen(connectorId, stored, force).finally(() => refreshing.delete(connectorId))
      refreshing.set(connectorId, fresh)
      return fresh
    },
    forget: (connectorId) => store.deleteSecrets(connectorId),
    async rotate() {
      let changed = 0
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
