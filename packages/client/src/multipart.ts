import type { RawBody } from './transport.ts'

/** What a file to upload is made of. Streams are sent as they come and never held whole. */
export type UploadContent =
  | Blob
  | Uint8Array<ArrayBuffer>
  | string
  | ReadableStream<Uint8Array>
  | AsyncIterable<Uint8Array>

export interface Upload {
  /** Its path at the source, under the `path` of the upload. */
  readonly name: string
  readonly content: UploadContent
  /** MIME type. */
  readonly contentType?: string
}

export interface Form {
  make(): RawBody
  /** It has a stream in it, which cannot be read twice. */
  readonly onlyOnce: boolean
}

/**
 * A form of files. Blobs, bytes and text go through `FormData`, which every browser streams from disk by itself; for streams
 * the form is written here, since `FormData` takes none. Sending a stream needs Node, Bun, Deno, or Chromium over HTTP/2.
 */
export function createForm(files: readonly Upload[], path: string | undefined): Form {
  if (files.every(({ content }) => !isStream(content)))
    return {
      onlyOnce: false,
      make: () => {
        const form = new FormData()
        if (path !== undefined) form.append('path', path)
        for (const { name, content, contentType } of files) form.append('files', blobOf(content, contentType), name)
        return { body: form }
      },
    }
  const boundary = `cx-${crypto.randomUUID()}`
  return {
    onlyOnce: true,
    make: () => ({
      body: streamOf(writeForm(files, path, boundary)),
      headers: { 'Content-Type': `multipart/form-data; boundary=${boundary}` },
    }),
  }
}

function isStream(content: UploadContent): content is ReadableStream<Uint8Array> | AsyncIterable<Uint8Array> {
  return typeof content !== 'string' && !(content instanceof Blob) && !(content instanceof Uint8Array)
}

function blobOf(content: UploadContent, type: string | undefined): Blob {
  if (content instanceof Blob && (type === undefined || content.type === type)) return content
  return new Blob([content as Blob | Uint8Array<ArrayBuffer> | string], type === undefined ? {} : { type })
}

async function* writeForm(
  files: readonly Upload[],
  path: string | undefined,
  boundary: string,
): AsyncGenerator<Uint8Array> {
  const encoder = new TextEncoder()
  const field = (name: string, more = '') =>
    encoder.encode(`--${boundary}\r\nContent-Disposition: form-data; name="${name}"${more}\r\n\r\n`)
  const end = encoder.encode('\r\n')
  if (path !== undefined) {
    yield field('path')
    yield encoder.encode(path)
    yield end
  }
  for (const { name, content, contentType = 'application/octet-stream' } of files) {
    yield field('files', `; filename="${escapeName(name)}"\r\nContent-Type: ${contentType.replaceAll(/[\r\n]/g, ' ')}`)
    yield* isStream(content) ? chunksOf(content) : chunksOf(blobOf(content, undefined).stream())
    yield end
  }
  yield encoder.encode(`--${boundary}--\r\n`)
}

/** As https://html.spec.whatwg.org/multipage/form-control-infrastructure.html#multipart-form-data has it. */
function escapeName(name: string): string {
  return name.replaceAll('"', '%22').replaceAll('\r', '%0D').replaceAll('\n', '%0A')
}

async function* chunksOf(content: ReadableStream<Uint8Array> | AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  if (!('getReader' in content)) return yield* content
  const reader = content.getReader()
  try {
    for (;;) {
      const { value, done } = await reader.read()
      if (done) return
      yield value
    }
  } finally {
    await reader.cancel().catch(() => {})
  }
}

function streamOf(chunks: AsyncGenerator<Uint8Array>): ReadableStream<Uint8Array> {
  return new ReadableStream({
    async pull(controller) {
      const { value, done } = await chunks.next()
      if (done) controller.close()
      else controller.enqueue(value)
    },
    async cancel() {
      await chunks.return(undefined)
    },
  })
}
