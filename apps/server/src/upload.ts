import { Readable } from 'node:stream'
import type { ReadableStream as NodeStream } from 'node:stream/web'
import type { Connector } from '@cx/store'
import { Busboy, type BusboyFileStream } from '@fastify/busboy'
import { checkNewPath } from './files.ts'
import { ApiError, invalid } from './http/errors.ts'
import { maxBodyBytes, readBytes } from './http/read-body.ts'
import { type Services, startJob } from './services.ts'
import { askSource, type Source } from './source.ts'

/** A large file over a slow line takes its time. */
const uploadMs = 6 * 60 * 60 * 1000

export interface Uploaded {
  readonly path: string
  readonly size: number
}

/** Streams every file of a multipart body to the source, one after the other, then starts a sync of their paths. */
export async function uploadFiles(
  services: Services,
  connector: Connector,
  request: Request,
): Promise<{ readonly uploaded: readonly Uploaded[]; readonly jobId: string }> {
  const type = request.headers.get('content-type') ?? ''
  if (!/^multipart\/form-data\b/i.test(type) || !request.body)
    throw new ApiError('invalid_request', 'Send the files as multipart/form-data: curl -F files=@report.pdf …')
  const uploaded: Uploaded[] = []
  const start = () =>
    startJob(services, connector, 'sync', { mode: 'incremental', paths: uploaded.map(({ path }) => path) })
  try {
    await askSource(services, connector, request, uploadMs, (source) => receive(source, type, request, uploaded))
  } catch (error) {
    // What has arrived at the source is there: it belongs into the index.
    if (uploaded.length > 0) await start()
    throw error
  }
  if (uploaded.length === 0) throw invalid([{ path: '/files', message: 'needs at least one file' }])
  return { uploaded, jobId: (await start()).id }
}

async function receive(source: Source, contentType: string, request: Request, uploaded: Uploaded[]): Promise<void> {
  const { plugin, run } = source
  if (!plugin.write)
    throw new ApiError('unsupported_operation', `Files cannot be uploaded through the connector "${plugin.title}".`)
  const { body, known } = await opened(contentType, request)
  const form = parser(contentType)
  let folder = known ?? ''
  let hasFile = false
  // Files come one at a time: the next is not parsed before this one is consumed.
  let last: Promise<void> = Promise.resolve()
  const done = new Promise<void>((resolve, reject) => {
    const stop = (error: unknown) => {
      body.destroy()
      reject(error)
    }
    run.signal.addEventListener('abort', () => stop(run.signal.reason), { once: true })
    form.on('field', (name, value) => {
      if (name !== 'path')
        stop(invalid([{ path: `/${name.slice(0, 100)}`, message: 'is not a known field; known here: path, files' }]))
      else if (known === undefined && hasFile)
        stop(invalid([{ path: '/path', message: 'must come before the files in a body of more than 1 MB' }]))
      else folder = known ?? folderOf(value)
    })
    form.on('file', (name, file, filename, _encoding, mimeType) => {
      // An error of the body ends this stream as well; without a listener it would end the process.
      file.on('error', () => {})
      hasFile = true
      const path = folder + (filename ?? '')
      const wrong = name === 'files' ? checkNewPath(path) : 'is not a known field; known here: path, files'
      if (wrong || !filename)
        return stop(invalid([{ path: `/${name.slice(0, 100)}`, message: wrong ?? 'needs a file name' }]))
      last = last.then(() => put(source, path, file, mimeType)).then((size) => void uploaded.push({ path, size }))
      last.catch(stop)
    })
    form.on('error', (error: unknown) =>
      stop(
        new ApiError(
          'invalid_request',
          `The multipart body is not valid: ${error instanceof Error ? error.message : 'it ends too early'}.`,
        ),
      ),
    )
    form.on('finish', () => last.then(resolve, reject))
    body.on('error', stop)
  })
  body.pipe(form)
  await done
}

/** The body and, where it is small, the folder that it names anywhere: a large one is not held until its end. */
async function opened(
  contentType: string,
  request: Request,
): Promise<{ readonly body: Readable; readonly known: string | undefined }> {
  const length = Number(request.headers.get('content-length') ?? Number.NaN)
  if (!(length <= maxBodyBytes)) return { body: Readable.fromWeb(request.body as NodeStream), known: undefined }
  const bytes = await readBytes(request)
  const form = parser(contentType)
  let known = ''
  form.on('file', (_name, file) => void file.on('error', () => {}).resume())
  form.on('field', (name, value) => {
    if (name === 'path') known = folderOf(value)
  })
  // What is wrong with the body is said when it is read for its files.
  await new Promise<void>((resolve) =>
    form
      .on('finish', resolve)
      .on('error', () => resolve())
      .end(bytes),
  )
  return { body: Readable.from([bytes]), known }
}

function folderOf(path: string): string {
  return path === '' || path.endsWith('/') ? path : `${path}/`
}

function parser(contentType: string): InstanceType<typeof Busboy> {
  try {
    return new Busboy({
      headers: { 'content-type': contentType },
      preservePath: true,
      limits: { fieldSize: 8192, fields: 10, files: 10_000 },
    })
  } catch (error) {
    throw new ApiError('invalid_request', `The multipart body is not valid: ${(error as Error).message}.`)
  }
}

async function put(
  { plugin, session, run }: Source,
  path: string,
  file: BusboyFileStream,
  mimeType: string,
): Promise<number> {
  let size = 0
  file.on('data', (part: Buffer) => {
    size += part.length
  })
  file.pause()
  const body = Readable.toWeb(file) as unknown as ReadableStream<Uint8Array>
  await plugin.write!.put(session, { path, body, mimeType }, run)
  return size
}
