import { CxError } from './error.ts'
import type { SyncJob } from './generated/api.ts'
import type { CallOptions, Transport } from './transport.ts'
import { wait } from './wait.ts'

/** What happens in a sync. */
export type SyncEvent =
  | { readonly type: 'progress' | 'end'; readonly id: string; readonly job: SyncJob }
  | { readonly type: 'failure'; readonly id: string; readonly failure: SyncEventFailure }

/** One document that could not be indexed. */
export interface SyncEventFailure {
  readonly path: string
  readonly stage: string
  readonly code: string
  readonly message: string
  readonly retryable: boolean
}

export interface EventOptions extends CallOptions {
  /** The `id` of an event: only what came after it. */
  readonly after?: string
}

const pauseMs = 1_000
/** Connections that brought nothing new, one after the other, before it gives up. */
const mostEmpty = 5

/** A job's events until it ends. A connection that breaks is taken up again after the last event. */
export async function* followSync(
  transport: Transport,
  params: Readonly<Record<string, string>>,
  { after, ...options }: EventOptions = {},
): AsyncGenerator<SyncEvent> {
  const { signal } = options
  let last = after
  for (let empty = 0; ; empty++) {
    const response = await transport.open('followSync', {
      params,
      options,
      headers: { Accept: 'text/event-stream', ...(last !== undefined && { 'Last-Event-ID': last }) },
    })
    // It has ended, and there is nothing more to tell.
    if (response.status === 204 || !response.body) return
    let broken: unknown
    try {
      for await (const { id, type, data } of parseEvents(response.body)) {
        empty = 0
        last = id
        if (type === 'failure') yield { type, id, failure: data as SyncEventFailure }
        else yield { type: type as 'progress' | 'end', id, job: data as SyncJob }
        if (type === 'end') return
      }
    } catch (error) {
      if (signal?.aborted) throw signal.reason
      broken = error
    }
    if (empty >= mostEmpty)
      throw new CxError('network', 'The stream of events ended before the job did, again and again.', { cause: broken })
    await wait(pauseMs, signal)
  }
}

interface RawEvent {
  readonly id: string
  readonly type: string
  readonly data: unknown
}

/** Server-sent events, https://html.spec.whatwg.org/multipage/server-sent-events.html, as this API sends them: one line of JSON each. */
export async function* parseEvents(body: ReadableStream<Uint8Array>): AsyncGenerator<RawEvent> {
  // A reader, since not every browser can iterate over a stream.
  const reader = body.getReader()
  const decoder = new TextDecoder()
  let rest = ''
  try {
    for (;;) {
      const { value, done } = await reader.read()
      if (done) return
      const blocks = (rest + decoder.decode(value, { stream: true })).split('\n\n')
      rest = blocks.pop() ?? ''
      for (const block of blocks) {
        const fields = new Map(
          block.split('\n').map((line): [string, string] => {
            const colon = line.indexOf(':')
            return [line.slice(0, colon), line.slice(colon + 1).trimStart()]
          }),
        )
        const data = fields.get('data')
        if (data !== undefined)
          yield { id: fields.get('id') ?? '', type: fields.get('event') ?? 'message', data: JSON.parse(data) }
      }
    }
  } finally {
    // Whoever stops listening must not leave the connection open.
    await reader.cancel().catch(() => {})
  }
}
