import type { CompletedPart } from '@aws-sdk/client-s3'
import { ConnectorError, type Upload } from '@cx/core'
import type { OpenBucket, StoredObject } from './client.ts'
import { findObject } from './listing.ts'

const MiB = 1024 * 1024
/** S3 takes 10,000 parts, of 5 MiB to 5 GiB. https://docs.aws.amazon.com/AmazonS3/latest/userguide/qfacts.html */
const maxParts = 10_000

/** Stores a stream of any length, holding one part in memory. What fails leaves nothing behind. */
export async function store(bucket: OpenBucket, upload: Upload, signal: AbortSignal): Promise<StoredObject> {
  const parts = cut(upload.body, upload.size, signal)
  try {
    const { value: first } = await parts.next()
    if (first === undefined || first.last)
      return await putWhole(bucket, upload, first?.bytes ?? new Uint8Array(), signal)
    return await putParts(bucket, upload, first.bytes, parts, signal)
  } finally {
    await parts.return(undefined)
  }
}

async function putWhole(
  bucket: OpenBucket,
  upload: Upload,
  bytes: Uint8Array,
  signal: AbortSignal,
): Promise<StoredObject> {
  const key = upload.path
  const { ETag } = await bucket.call(
    (s3, common, options) => s3.putObject({ ...common, Key: key, Body: bytes, ContentType: upload.mimeType }, options),
    { verb: 'write', key },
    signal,
  )
  return stored(bucket, key, bytes.length, ETag, signal)
}

async function putParts(
  bucket: OpenBucket,
  upload: Upload,
  first: Uint8Array,
  rest: AsyncIterable<Part>,
  signal: AbortSignal,
): Promise<StoredObject> {
  const asked = { verb: 'write', key: upload.path } as const
  const target = { Key: upload.path }
  const { UploadId } = await bucket.call(
    (s3, common, options) => s3.createMultipartUpload({ ...common, ...target, ContentType: upload.mimeType }, options),
    asked,
    signal,
  )
  const parts: CompletedPart[] = []
  let size = 0
  const send = async (bytes: Uint8Array): Promise<void> => {
    const PartNumber = parts.length + 1
    const { ETag } = await bucket.call(
      (s3, common, options) => s3.uploadPart({ ...common, ...target, UploadId, PartNumber, Body: bytes }, options),
      asked,
      signal,
    )
    parts.push({ PartNumber, ETag })
    size += bytes.length
  }
  try {
    await send(first)
    for await (const { bytes } of rest) await send(bytes)
    const { ETag } = await bucket.call(
      (s3, common, options) =>
        s3.completeMultipartUpload({ ...common, ...target, UploadId, MultipartUpload: { Parts: parts } }, options),
      asked,
      signal,
    )
    return await stored(bucket, upload.path, size, ETag, signal)
  } catch (error) {
    // Parts of an upload that was not ended are paid for until somebody notices. Not under `signal`: it may be what ended this.
    await bucket
      .call(
        (s3, common, options) => s3.abortMultipartUpload({ ...common, ...target, UploadId }, options),
        asked,
        AbortSignal.timeout(10_000),
      )
      .catch(() => {})
    throw error
  }
}

/** As a listing tells of it: only there is the time that the version holds. */
async function stored(
  bucket: OpenBucket,
  key: string,
  size: number,
  etag: string | undefined,
  signal: AbortSignal,
): Promise<StoredObject> {
  const found = await findObject(bucket, key, signal)
  if (found !== undefined) return found
  throw new ConnectorError(
    'unavailable',
    `${JSON.stringify(key)} was stored (${size} bytes, ${etag}) but is not listed yet.`,
  )
}

interface Part {
  readonly bytes: Uint8Array
  readonly last: boolean
}

/** Cuts a stream into parts that fit, whatever its length: they grow when nobody knows how long it is. */
async function* cut(
  body: ReadableStream<Uint8Array>,
  size: number | undefined,
  signal: AbortSignal,
): AsyncGenerator<Part, void, undefined> {
  const reader = body.getReader()
  const stop = (): void => void reader.cancel(signal.reason).catch(() => {})
  signal.addEventListener('abort', stop, { once: true })
  const least = size !== undefined && size < 5 * MiB ? size + 1 : Math.max(5 * MiB, Math.ceil((size ?? 0) / maxParts))
  try {
    let rest: Uint8Array | undefined
    let part = new Uint8Array()
    for (let number = 1; ; number++) {
      const length = least * 2 ** Math.floor(number / 2000)
      // Sent before the next one is filled.
      if (part.length !== length) part = new Uint8Array(length)
      let filled = 0
      while (filled < part.length) {
        signal.throwIfAborted()
        const chunk = rest ?? (await reader.read()).value
        if (chunk === undefined) break
        const taken = chunk.subarray(0, part.length - filled)
        part.set(taken, filled)
        filled += taken.length
        rest = taken.length < chunk.length ? chunk.subarray(taken.length) : undefined
      }
      signal.throwIfAborted()
      const last = filled < part.length
      if (filled > 0 || number === 1) yield { bytes: part.subarray(0, filled), last }
      if (last) return
    }
  } finally {
    signal.removeEventListener('abort', stop)
    await reader.cancel().catch(() => {})
  }
}
