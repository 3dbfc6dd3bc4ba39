import { setTimeout as sleep } from 'node:timers/promises'
import { ConnectorError, type Content, type Entry, isConnectorError } from '@cx/core'
import { fileId, refOf } from './entry.ts'
import { isBadRequest, reasonOf } from './errors.ts'
import { type ExportFormat, formatOf, markdown } from './formats.ts'
import { withoutImages } from './images.ts'
import type { DriveRun } from './session.ts'

/** A long-running download is looked at so often, in milliseconds. */
const pollMs = [500, 1_000, 2_000, 4_000, 8_000, 8_000, 8_000, 8_000, 8_000, 8_000]

export async function readEntry(entry: Entry, run: DriveRun): Promise<Content> {
  const { session, signal } = run
  const id = fileId(entry)
  const { k: resourceKey } = refOf(entry)
  const format = formatOf(entry.mimeType)
  const filename = entry.path.slice(entry.path.lastIndexOf('/') + 1)
  if (format) return { ...(await exported(id, format, resourceKey, run)), filename }
  const { acknowledgeAbuse } = session.config
  try {
    const body = await session.client.download(id, { resourceKey, acknowledgeAbuse }, signal)
    return { body, mimeType: entry.mimeType ?? 'application/octet-stream', filename }
  } catch (error) {
    if (!isBadRequest(error)) throw error
    throw new ConnectorError('unprocessable', (error as Error).message, { cause: error })
  }
}

type Body = { readonly body: ReadableStream<Uint8Array>; readonly mimeType: string }

/**
 * Exports of more than 10 MB are refused; Markdown mostly is so large for its images. Some documents are not to be had
 * in some format. Then: another format, the links that have no such limit, and at last the download that Google prepares.
 * https://developers.google.com/workspace/drive/api/guides/manage-downloads
 */
async function exported(
  id: string,
  { types }: ExportFormat,
  resourceKey: string | undefined,
  run: DriveRun,
): Promise<Body> {
  const { client } = run.session
  const { signal } = run
  let refusal: unknown
  for (const mimeType of types)
    try {
      return deliver(await client.export(id, mimeType, resourceKey, signal), mimeType)
    } catch (error) {
      if (reasonOf(error) !== 'exportSizeLimitExceeded' && !isBadRequest(error)) throw error
      refusal = error
    }
  const { exportLinks = {} } = await client.get(id, 'exportLinks', signal, resourceKey)
  for (const mimeType of types) {
    const link = exportLinks[mimeType]
    if (link === undefined || !URL.canParse(link)) continue
    try {
      return deliver(await client.fetchLink(link, signal), mimeType)
    } catch (error) {
      if (!goesOn(error)) throw error
    }
  }
  try {
    const [mimeType = markdown] = types
    return deliver(await prepared(id, mimeType, run), mimeType)
  } catch (error) {
    if (!goesOn(error)) throw error
    const why = isBadRequest(refusal) ? (refusal as Error).message : 'Google exports at most 10 MB.'
    throw new ConnectorError('unprocessable', `The document cannot be exported, and other ways failed too. ${why}`, {
      cause: refusal,
    })
  }
}

function deliver(body: ReadableStream<Uint8Array>, mimeType: string): Body {
  return { body: mimeType === markdown ? withoutImages(body) : body, mimeType }
}

const passable = new Set(['forbidden', 'unprocessable', 'misconfigured', 'not_found', 'unauthenticated'])

/** Whether the next way is worth a try. The API has taken the credentials: what a link says of them ends no run. */
function goesOn(error: unknown): boolean {
  return isConnectorError(error) && passable.has(error.code)
}

async function prepared(
  id: string,
  mimeType: string,
  { session: { client }, signal }: DriveRun,
): Promise<ReadableStream<Uint8Array>> {
  let operation = await client.startDownload(id, mimeType, signal)
  for (const ms of pollMs) {
    if (operation.done) break
    await sleep(ms, undefined, { signal })
    operation = await client.operation(operation.name, signal)
  }
  const uri = operation.response?.downloadUri
  if (uri === undefined || !URL.canParse(uri))
    throw new ConnectorError(
      'unprocessable',
      `Google could not prepare the download: ${operation.error?.message ?? 'it took too long'}.`,
    )
  return client.fetchLink(uri, signal)
}
