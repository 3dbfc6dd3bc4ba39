import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Store } from '@cx/store'
import { hashKey, newKey } from './access.ts'

/** Where the key made at first start is kept. */
export function keyFileOf(dataDir: string): string {
  return join(dataDir, 'api-key')
}

/** Where encryption keys are kept. */
export function keyringFileOf(dataDir: string): string {
  return join(dataDir, 'encryption-keys.json')
}

/** Makes the data folder, readable by its owner alone. */
export async function prepareDataDir(dataDir: string): Promise<void> {
  await mkdir(dataDir, { recursive: true, mode: 0o700 })
}

export interface Bootstrapped {
  /** Set when a key was made just now: print it, this once. */
  readonly made?: string
}

const fromSettings = 'CX_API_KEY'
const fromFile = 'first start'

/**
 * Sees to it that there is an admin key: the one of the settings, else the one in the data folder, else a new one.
 * A `CX_API_KEY` that was replaced stops working.
 */
export async function bootstrapKey(
  store: Store,
  { apiKey, dataDir }: { readonly apiKey: string | undefined; readonly dataDir: string },
): Promise<Bootstrapped> {
  if (apiKey !== undefined) {
    const current = await ensureKey(store, fromSettings, apiKey)
    await dropOthers(store, fromSettings, current)
    return {}
  }
  const file = keyFileOf(dataDir)
  const kept = await readKey(file)
  const key = kept ?? newKey()
  if (kept === undefined) await writeFile(file, `${key}\n`, { mode: 0o600 })
  else await chmod(file, 0o600)
  await ensureKey(store, fromFile, key)
  return kept === undefined ? { made: key } : {}
}

/** The key kept in the data folder, if any. */
export async function readKey(file: string): Promise<string | undefined> {
  try {
    return (await readFile(file, 'utf8')).trim() || undefined
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}

async function ensureKey(store: Store, name: string, key: string): Promise<string> {
  const hash = hashKey(key)
  const found = await store.apiKeyByHash(hash)
  if (found) return found.id
  const made = await store.createApiKey({
    name,
    role: 'admin',
    collections: null,
    scopes: ['search:all'],
    expiresAt: null,
    hint: key.slice(0, 7),
    hash,
  })
  return made.id
}

async function dropOthers(store: Store, name: string, keep: string): Promise<void> {
  let after: string | undefined
  do {
    const page = await store.apiKeys({ limit: 100, ...(after !== undefined && { after }) })
    for (const key of page.rows) if (key.name === name && key.id !== keep) await store.deleteApiKey(key.id)
    after = page.next
  } while (after !== undefined)
}
