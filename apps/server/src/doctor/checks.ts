import { constants } from 'node:fs'
import { access, stat, statfs } from 'node:fs/promises'
import type { Log } from '@cx/core'
import { inspectDatabase, openKeyring } from '@cx/store'
import { keyFileOf, keyringFileOf } from '../bootstrap.ts'
import { createPlugins } from '../plugins.ts'
import { findRecognition } from '../recognition.ts'
import type { Settings } from '../settings.ts'
import { type Finding, fail, ok, warn } from './finding.ts'

const lowBytes = 1024 ** 3
const noBytes = 100 * 1024 ** 2
const reachMs = 3_000

/** Looks at an installation without changing it, whether a server runs on it or not. */
export async function examine(settings: Settings): Promise<readonly Finding[]> {
  const folder = await checkFolder(settings)
  const there = folder.every(({ status }) => status !== 'fail')
  return [
    checkNode(),
    ...folder,
    ...(there ? await checkDatabase(settings) : []),
    ...(there ? await checkDisk(settings) : []),
    ...(await checkPlugins(settings)),
    ...(await checkRecognition(settings)),
    await checkServer(settings),
  ]
}

function checkNode(): Finding {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
  const enough = major > 22 || (major === 22 && minor >= 18)
  return enough
    ? ok('node', `Node.js ${process.versions.node}.`)
    : fail('node', `Node.js ${process.versions.node} is too old.`, 'Install Node.js 22.18 or newer.')
}

async function checkFolder({ dataDir }: Settings): Promise<Finding[]> {
  const check = 'data folder'
  const found = await stat(dataDir).catch(() => undefined)
  if (!found) return [warn(check, `${dataDir} is not there yet.`, 'Start the server with "cx serve": it makes it.')]
  if (!found.isDirectory()) return [fail(check, `${dataDir} is no folder.`, 'Set CX_DATA_DIR to a folder.')]
  const writable = await access(dataDir, constants.R_OK | constants.W_OK | constants.X_OK).then(
    () => true,
    () => false,
  )
  if (!writable)
    return [
      fail(
        check,
        `${dataDir} cannot be written to by this user.`,
        `Give it to the user that runs cx: chown -R <user> ${dataDir}`,
      ),
    ]
  const secrets = [
    { path: dataDir, mode: found.mode, right: '700' },
    ...(await Promise.all(
      [keyFileOf(dataDir), keyringFileOf(dataDir)].map(async (path) => {
        const file = await stat(path).catch(() => undefined)
        return { path, mode: file?.mode ?? 0, right: '600' }
      }),
    )),
  ]
  const open = secrets.filter(({ mode }) => process.platform !== 'win32' && (mode & 0o077) !== 0)
  return open.length === 0
    ? [ok(check, `${dataDir} is writable, and for its owner alone.`)]
    : open.map(({ path, right }) =>
        warn(check, `Other users of this machine can get into ${path}.`, `chmod ${right} ${path}`),
      )
}

async function checkDatabase({ databaseFile, dataDir, encryptionKeys }: Settings): Promise<Finding[]> {
  const check = 'database'
  if (!(await stat(databaseFile).catch(() => undefined))) return [ok(check, 'None yet; the first start makes it.')]
  const restore = 'Stop the server and restore the last backup: cx restore <file>'
  try {
    const { problems, schemaVersion, knownVersion, bytes, keyIds } = inspectDatabase(databaseFile)
    const keys = await checkKeys(keyIds, dataDir, encryptionKeys)
    if (problems.length > 0) return [fail(check, `${databaseFile} is damaged: ${problems.join('; ')}`, restore), keys]
    if (schemaVersion > knownVersion)
      return [
        fail(
          check,
          `It was written by a newer cx (schema ${schemaVersion}, this one knows ${knownVersion}).`,
          'Start that version, or restore a backup made before the upgrade.',
        ),
        keys,
      ]
    return [ok(check, `Sound; ${Math.ceil(bytes / 1024 ** 2)} MB, schema ${schemaVersion}.`), keys]
  } catch (error) {
    return [fail(check, `${databaseFile} cannot be read: ${(error as Error).message}`, restore)]
  }
}

/** Never makes a key: a new one would only hide that the old one is gone. */
async function checkKeys(needed: readonly string[], dataDir: string, given: readonly string[]): Promise<Finding> {
  const check = 'encryption keys'
  const file = keyringFileOf(dataDir)
  const there = await stat(file).catch(() => undefined)
  const putBack = `Put ${file} back from where it was backed up, or set CX_ENCRYPTION_KEY to the key there was.`
  if (!there && given.length === 0)
    return needed.length === 0
      ? ok(check, 'None yet; the first secret makes one.')
      : fail(check, `${file} is gone, and ${needed.length} of its keys are needed.`, putBack)
  try {
    const ring = await openKeyring({ file, keys: given })
    const missing = needed.filter((id) => !ring.has(id))
    if (missing.length > 0)
      return fail(check, `What is encrypted with ${missing.join(', ')} cannot be read: the key is missing.`, putBack)
    const old = needed.filter((id) => id !== ring.current)
    return old.length === 0
      ? ok(check, 'Every secret can be read.')
      : warn(check, 'Every secret can be read, but not all are encrypted with the current key.', 'Run: cx keys rotate')
  } catch (error) {
    return fail(check, (error as Error).message, putBack)
  }
}

async function checkDisk({ dataDir }: Settings): Promise<Finding[]> {
  const check = 'free disk'
  const disk = await statfs(dataDir).catch(() => undefined)
  if (!disk) return []
  const free = disk.bavail * disk.bsize
  const message = `${(free / 1024 ** 3).toFixed(1)} GB are free at ${dataDir}.`
  const remedy = 'Make room, or move CX_DATA_DIR to a larger disk.'
  if (free < noBytes) return [fail(check, message, remedy)]
  return [free < lowBytes ? warn(check, message, remedy) : ok(check, message)]
}

async function checkPlugins({ plugins }: Settings): Promise<Finding[]> {
  const found = await Promise.all(
    plugins.map(async (name) => {
      const said: string[] = []
      const log = listenTo(said)
      const loaded = await createPlugins([name], log).all()
      return { name, types: [...loaded.keys()], said }
    }),
  )
  const missing = found.filter(({ types }) => types.length === 0)
  const types = found.flatMap((one) => one.types)
  if (missing.length === 0) return [ok('plugins', `${types.length} connector types: ${types.join(', ')}.`)]
  return missing.map(({ name, said }) =>
    fail('plugins', `${name} does not load: ${said.join(' ')}`, `Install ${name}, or take it out of CX_PLUGINS.`),
  )
}

async function checkRecognition(settings: Settings): Promise<Finding[]> {
  if (settings.ocr === undefined) return []
  const check = 'text recognition'
  try {
    const found = await findRecognition(settings)
    return [ok(check, `${found?.id} reads ${settings.ocr.languages.join(', ')}.`)]
  } catch (error) {
    return [fail(check, (error as Error).message, 'Install what is missing, or take CX_OCR away.')]
  }
}

function listenTo(said: string[]): Log {
  const note = (message: string, fields?: Readonly<Record<string, unknown>>) => {
    const { error } = fields ?? {}
    said.push(error instanceof Error ? error.message : message)
  }
  return { debug: () => {}, info: () => {}, warn: note, error: note }
}

async function checkServer({ host, port, publicUrl }: Settings): Promise<Finding> {
  const check = 'server'
  const local = host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host
  const url = publicUrl ?? `http://${local.includes(':') ? `[${local}]` : local}:${port}`
  try {
    const { status } = await fetch(`${url}/readyz`, { signal: AbortSignal.timeout(reachMs) })
    if (status === 200) return ok(check, `${url} is ready.`)
    return warn(check, `${url} answers ${status}: it is not ready.`, 'Wait a moment; if it stays so, read its log.')
  } catch {
    return warn(check, `Nothing answers at ${url}.`, 'Start it with "cx serve", or set CX_PUBLIC_URL to where it is.')
  }
}
