import { type CapabilityCheck, type CheckResult, type ConnectorError, isConnectorError } from '@cx/core'
import type { FilesQuery } from './client.ts'
import { formatOf, withoutContent } from './formats.ts'
import { type DriveFile, folderType, shortcutType } from './item.ts'
import type { DriveRun } from './session.ts'
import { quoted } from './walk.ts'

/** Three calls: the account, a page of the first thing configured, and one byte of a file. */
export async function check(run: DriveRun): Promise<CheckResult> {
  const { session, signal } = run
  const { emailAddress, displayName, permissionId } = await session.me(signal)
  const checks: CapabilityCheck[] = []
  let files: readonly DriveFile[] = []
  await probe(checks, 'list', async () => {
    const { query, what } = firstPart(run)
    files = (await session.client.page(query, undefined, signal, 20)).files
    return files.length > 0
      ? `${what} can be listed.`
      : `${what} can be listed. Nothing is in it that this account may see.`
  })
  const sample = files.find((file) => isReadable(file))
  if (sample) await probe(checks, 'read', () => readOne(sample, run))
  else checks.push({ capability: 'read', status: 'skipped', message: 'There is no file to try among the first 20.' })
  return {
    account: emailAddress ?? displayName ?? permissionId ?? 'a Google account',
    ...(permissionId === undefined ? {} : { tenant: permissionId }),
    checks,
  }
}

const fields = 'id,name,mimeType,size,capabilities(canDownload)'

function firstPart({ session }: DriveRun): { query: FilesQuery; what: string } {
  const files = `mimeType != '${folderType}' and mimeType != '${shortcutType}' and trashed = false`
  const [driveId] = session.driveIds
  const [folderId] = session.folderIds
  if (driveId !== undefined) return { query: { driveId, q: files, fields }, what: `The shared drive ${driveId}` }
  if (folderId !== undefined)
    return {
      query: { corpus: 'allDrives', q: `${quoted(folderId)} in parents and trashed = false`, fields },
      what: `The folder ${folderId}`,
    }
  return { query: { corpus: session.config.corpus, q: files, fields }, what: 'Google Drive' }
}

function isReadable({ mimeType, size, capabilities }: DriveFile): boolean {
  if (capabilities?.canDownload === false || mimeType === folderType || mimeType === shortcutType) return false
  return formatOf(mimeType) !== undefined || (withoutContent(mimeType) === undefined && Number(size ?? 0) > 0)
}

async function readOne({ id, name, mimeType }: DriveFile, { session, signal }: DriveRun): Promise<string> {
  const type = formatOf(mimeType)?.types[0]
  const body =
    type === undefined
      ? await session.client.download(id, { range: 'bytes=0-0' }, signal)
      : await session.client.export(id, type, undefined, signal)
  await body.cancel()
  return `${JSON.stringify(name ?? id)} can be read.`
}

/** What concerns all of Google Drive is thrown; what only this capability lacks is reported. */
async function probe(checks: CapabilityCheck[], capability: string, work: () => Promise<string>): Promise<void> {
  try {
    checks.push({ capability, status: 'ok', message: await work() })
  } catch (error) {
    if (!isConnectorError(error) || !['forbidden', 'not_found', 'misconfigured', 'unprocessable'].includes(error.code))
      throw error
    const { message, remediation } = error as ConnectorError
    // Of this one file, such as its size, and not of the way in.
    const status = error.code === 'unprocessable' ? 'skipped' : 'failed'
    checks.push({ capability, status, message, ...(remediation === undefined ? {} : { remediation }) })
  }
}
