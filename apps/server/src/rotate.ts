import { setTimeout as sleep } from 'node:timers/promises'
import { addKey, createVault, keyFilePollMs, openKeyring, openSqliteStore } from '@cx/store'
import { keyringFileOf } from './bootstrap.ts'
import type { Settings } from './settings.ts'

/** What a rotation did. */
export interface Rotated {
  /** Secrets that were encrypted with another key. */
  readonly encrypted: number
  /** Id of the key that they are encrypted with now. */
  readonly key: string
}

/**
 * Makes a new key in the key file, waits until every server on this data folder writes with it, and encrypts what was
 * encrypted with another. Keys from the settings are not made here: then the first of them is the one to encrypt with.
 * Old keys stay, for backups.
 */
export async function rotateKeys({ dataDir, databaseFile, encryptionKeys }: Settings): Promise<Rotated> {
  const file = keyringFileOf(dataDir)
  if (encryptionKeys.length === 0) await addKey(file)
  const keys = await openKeyring({ file, keys: encryptionKeys })
  const store = await openSqliteStore({ file: databaseFile })
  try {
    if (encryptionKeys.length === 0) await sleep(2 * keyFilePollMs)
    return { encrypted: await createVault({ store, keys }).rotate(), key: keys.current }
  } finally {
    await store.close()
  }
}
