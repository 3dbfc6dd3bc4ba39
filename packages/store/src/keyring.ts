import { createHash, randomBytes } from 'node:crypto'
import { readFileSync, statSync } from 'node:fs'
import { link, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'

/** Encryption keys by id: one to write with, all to read with. */
export interface Keyring {
  /** Id of the key that new records are written with. */
  readonly current: string
  /** 32 bytes. @throws Error when the ring does not have it. */
  key(id: string): Uint8Array
  has(id: string): boolean
}

export interface KeyringOptions {
  /** Where keys are kept, mode 0600; made with a first key when there is none and `keys` is not given. */
  readonly file: string
  /** Base64 keys of 32 bytes from the settings, the current one first; those in the file stay readable. With them the file is not written with. */
  readonly keys?: readonly string[]
}

interface KeyFile {
  /** The current one is last. */
  readonly keys: readonly string[]
}

const keyBytes = 32

/** A ring of these keys; the first is the current one. Ids are derived from the keys, so they never clash. */
export function createKeyring(keys: readonly Uint8Array[]): Keyring {
  const byId = new Map(keys.map((key) => [keyId(key), key]))
  const [current] = byId.keys()
  if (current === undefined) throw new Error('A keyring needs at least one key.')
  return {
    current,
    has: (id) => byId.has(id),
    key(id) {
      const key = byId.get(id)
      if (key === undefined)
        throw Object.assign(
          new Error(
            `The credentials were encrypted with key ${id}, which this installation does not have. ` +
              'Put that key back (CX_ENCRYPTION_KEY or the key file in the data folder), or enter the credentials again.',
          ),
          { name: 'VaultError', code: 'unknown_key' },
        )
      return key
    },
  }
}

/** How often the file is looked at for a key that another process added. */
export const keyFilePollMs = 500

/**
 * Opens the keys of an installation, making the first one when there is none. The ring follows its file: a key that
 * another process adds is written with within {@link keyFilePollMs}, and read with at once.
 */
export async function openKeyring({ file, keys = [] }: KeyringOptions): Promise<Keyring> {
  const given = keys.map((key) => decodeKey(key, 'CX_ENCRYPTION_KEY'))
  const ringOf = (stored: readonly string[]) =>
    createKeyring([...given, ...stored.map((key) => decodeKey(key, file)).reverse()])
  let ring = ringOf((await readKeys(file)) ?? (given.length > 0 ? [] : await makeKeys(file)))
  let changed = changeOf(file)
  let looked = Date.now()
  const follow = () => {
    looked = Date.now()
    const now = changeOf(file)
    // A file that is gone takes no key away from a process that runs.
    if (now === undefined || now === changed) return
    ring = ringOf((JSON.parse(readFileSync(file, 'utf8')) as KeyFile).keys)
    changed = now
  }
  return {
    get current() {
      if (Date.now() - looked >= keyFilePollMs) follow()
      return ring.current
    },
    key(id) {
      if (!ring.has(id)) follow()
      return ring.key(id)
    },
    has: (id) => ring.has(id),
  }
}

/** Differs once the file was replaced. */
function changeOf(file: string): string | undefined {
  const found = statSync(file, { throwIfNoEntry: false })
  return found && `${found.ino}/${found.mtimeMs}/${found.size}`
}

/** Adds a key to the file and makes it the current one. Re-encrypt with `vault.rotate()`, then old keys can go. */
export async function addKey(file: string): Promise<Keyring> {
  const keys = [...((await readKeys(file)) ?? []), newKey()]
  const next = `${file}.${randomBytes(6).toString('hex')}`
  await mkdir(dirname(file), { recursive: true })
  await writeFile(next, text(keys), { mode: 0o600, flush: true })
  await rename(next, file)
  return openKeyring({ file })
}

function keyId(key: Uint8Array): string {
  return createHash('sha256').update(key).digest('hex').slice(0, 12)
}

function newKey(): string {
  return randomBytes(keyBytes).toString('base64')
}

function text(keys: readonly string[]): string {
  return `${JSON.stringify({ keys } satisfies KeyFile, null, 2)}\n`
}

function decodeKey(key: string, where: string): Uint8Array {
  const bytes = Buffer.from(key.trim(), 'base64')
  if (bytes.length !== keyBytes)
    throw new Error(
      `${where}: an encryption key is ${keyBytes} bytes in base64, this one has ${bytes.length}. Make one with: openssl rand -base64 32`,
    )
  return new Uint8Array(bytes)
}

async function readKeys(file: string): Promise<readonly string[] | undefined> {
  try {
    return (JSON.parse(await readFile(file, 'utf8')) as KeyFile).keys
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    if (error instanceof SyntaxError) throw new Error(`${file}: not a key file. Restore it from a backup.`)
    throw error
  }
}

/** Whoever is first makes the file, whole from its first moment; others read it. */
async function makeKeys(file: string): Promise<readonly string[]> {
  const keys = [newKey()]
  const next = `${file}.${randomBytes(6).toString('hex')}`
  await mkdir(dirname(file), { recursive: true })
  await writeFile(next, text(keys), { mode: 0o600, flush: true })
  try {
    await link(next, file)
    return keys
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    return (await readKeys(file)) ?? []
  } finally {
    await rm(next, { force: true })
  }
}
