import type { CxClient, SyncEvent } from '../../../../packages/client/src/index.ts'

/** What a run of {@link life} saw, as plain data. */
export interface Seen {
  readonly uploaded: readonly string[]
  readonly lastEvent: string
  readonly indexed: number
  readonly afterStream: number
  readonly listed: readonly string[]
  readonly found: readonly string[]
  readonly content: string
  readonly failure: { readonly code: string; readonly status: number | undefined; readonly requestId: boolean }
  readonly mistakes: readonly string[]
  readonly unreachable: string
  readonly aborted: string
  readonly deleted: boolean
}

export interface LifeOptions {
  readonly client: CxClient
  /** A client of an address that nobody listens at. */
  readonly nowhere: CxClient
  /** A folder of the host. */
  readonly root: string
  /** Browsers send streams over HTTP/2 alone. */
  readonly canSendStreams: boolean
}

/**
 * A connector's life by the client alone, with nothing that only one runtime has: creation, uploads, events, pages,
 * search, content, errors, an abort, deletion.
 */
export async function life({ client, nowhere, root, canSendStreams }: LifeOptions): Promise<Seen> {
  const made = await client.connectors.create({
    name: 'life',
    type: 'filesystem',
    collection: 'life',
    config: { root },
  })
  const encoder = new TextEncoder()
  const { uploaded, jobId } = await client.files.upload(
    made.id,
    [
      { name: 'text.md', content: '# Text\n\nA narwhal.' },
      { name: 'bytes.txt', content: encoder.encode('Grüße, narwhal.') as Uint8Array<ArrayBuffer> },
      { name: 'blob.md', content: new Blob(['# Blob\n\nAnother narwhal.'], { type: 'text/markdown' }) },
    ],
    { path: 'inbox' },
  )
  const events: SyncEvent[] = []
  for await (const event of client.connectors.events(made.id, jobId)) events.push(event)
  const job = await client.connectors.waitForSync(made.id, jobId)

  let afterStream = 0
  if (canSendStreams) {
    const pieces = ['A narwhal ', 'in two pieces.'].map((piece) => encoder.encode(piece))
    const content = new ReadableStream<Uint8Array>({
      pull(controller) {
        const piece = pieces.shift()
        if (piece) controller.enqueue(piece)
        else controller.close()
      },
    })
    const streamed = await client.files.upload(made.id, { name: 'stream.txt', content }, { path: 'inbox' })
    afterStream = (await client.connectors.waitForSync(made.id, streamed.jobId)).progress.indexed
  }

  const listed: string[] = []
  for await (const document of client.documents.list(made.id, { limit: 2 })) listed.push(document.path)
  const { results } = await client.search({ query: 'narwhal', collections: ['life'] })
  const first = results.find(({ path }) => path === 'inbox/text.md')
  const content = await (await client.documents.content(made.id, first?.documentId ?? '')).text()

  const failed = (work: Promise<unknown>) =>
    work.then(
      () => {
        throw new Error('It should have failed.')
      },
      (error: unknown) =>
        error as { name: string; code: string; status?: number; requestId?: string; details?: { path: string }[] },
    )
  const missing = await failed(client.connectors.get('conn_missing'))
  const invalid = await failed(
    client.connectors.create({ name: '', type: 'filesystem', collection: 'life', config: {} }),
  )
  const unreachable = await failed(nowhere.connectors.list().page())
  const controller = new AbortController()
  const waiting = failed(client.connectors.list({}, { signal: controller.signal }).page())
  controller.abort()
  const aborted = await waiting
  return {
    uploaded: uploaded.map(({ path }) => path),
    lastEvent: events.at(-1)?.type ?? 'none',
    indexed: job.progress.indexed,
    afterStream,
    listed: listed.sort(),
    found: results.map(({ path }) => path).sort(),
    content,
    failure: { code: missing.code, status: missing.status, requestId: /^req_/.test(missing.requestId ?? '') },
    mistakes: (invalid.details ?? []).map(({ path }) => path).sort(),
    unreachable: unreachable.code,
    aborted: aborted.name,
    deleted: (await client.connectors.delete(made.id)).deleted,
  }
}
