import type { Checkpoint, Entry, Json, ListRun, Run } from '@cx/core'
import type { OpenBucket } from '../src/client.ts'
import s3 from '../src/index.ts'
import type { S3Server } from './s3-server.ts'

export const credentials = { accessKeyId: 'AKIATESTKEY', secretAccessKey: 'test/secret' }
const log = { debug() {}, info() {}, warn() {}, error() {} }

export interface Connected {
  readonly bucket: unknown
  readonly run: Run<{ [key: string]: Json }>
  list(options?: Partial<ListRun<never>>): Promise<{ entries: Entry[]; checkpoints: Checkpoint[] }>
  paths(options?: Partial<ListRun<never>>): Promise<string[]>
  read(entry: Entry): Promise<string>
}

/** A session as the host makes it: config with its defaults, credentials as a person typed them. */
export async function connect(
  server: Pick<S3Server, 'endpoint'>,
  options: {
    readonly config?: Record<string, Json>
    readonly credentials?: Record<string, Json>
    readonly fetch?: typeof fetch
    readonly signal?: AbortSignal
  } = {},
): Promise<Connected> {
  const defaults = Object.entries(s3.config.properties ?? {}).flatMap(([name, schema]) =>
    schema.default === undefined ? [] : [[name, schema.default] as const],
  )
  const config = { ...Object.fromEntries(defaults), bucket: 'docs', endpoint: server.endpoint, ...options.config }
  const run = { config, log, signal: options.signal ?? new AbortController().signal }
  const given = { ...(options.credentials ?? credentials) } as unknown as { readonly method: string }
  const bucket = await s3.connect({ ...run, credentials: async () => given, fetch: options.fetch ?? fetch })
  const list: Connected['list'] = async (extra = {}) => {
    const entries: Entry[] = []
    const checkpoints: Checkpoint[] = []
    for await (const item of s3.list(bucket, { ...run, unreadable: () => {}, ...extra }))
      if ('kind' in item) checkpoints.push(item)
      else entries.push(item)
    return { entries, checkpoints }
  }
  return {
    bucket: bucket as OpenBucket,
    run,
    list,
    paths: async (extra) => (await list(extra)).entries.map((entry) => entry.path),
    async read(entry) {
      const { body } = await s3.read(bucket, entry, run)
      return new Response(body as ReadableStream<Uint8Array>).text()
    },
  }
}

export function upload(
  path: string,
  bytes: string | Uint8Array<ArrayBuffer>,
): { path: string; body: ReadableStream<Uint8Array>; size: number; mimeType: string } {
  const blob = new Blob([bytes])
  return { path, body: blob.stream(), size: blob.size, mimeType: 'text/plain' }
}
