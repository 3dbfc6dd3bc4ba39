import type { Store } from '@cx/store'
import { invalid } from './http/errors.ts'
import type { Services } from './services.ts'
import { viewJob } from './views.ts'

const pollMs = 500
const keepAliveMs = 15_000

/**
 * A job's events as server-sent events, until it ends or the client goes. Reads the stored events, so that it resumes
 * after `Last-Event-ID` on any process; the engine's own events only make it look sooner.
 */
export async function jobEvents({ store, engine }: Services, jobId: string, request: Request): Promise<Response> {
  const last = request.headers.get('last-event-id')
  if (last !== null && !/^\d{1,15}$/.test(last))
    throw invalid([{ path: '/Last-Event-ID', message: 'must be the id of an event of this job' }])
  // What a client of the standard takes for the end: after any other answer it would ask again and again.
  if (last !== null && (await isOver(store, jobId, Number(last)))) return new Response(null, { status: 204 })
  const running = await engine()
  const closing = new AbortController()
  const signal = AbortSignal.any([request.signal, closing.signal])
  let look = () => {}
  const forget = running.onEvent((event) => {
    if (event.jobId === jobId) look()
  })
  const pause = () =>
    new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, pollMs)
      look = () => {
        clearTimeout(timer)
        resolve()
      }
      signal.addEventListener('abort', look, { once: true })
    })

  async function* lines(): AsyncGenerator<string> {
    let after = Number(last ?? 0)
    let quietSince = Date.now()
    yield 'retry: 2000\n\n'
    while (!signal.aborted) {
      // Looked at before its events: what ends in between is seen the next time.
      const current = await store.job(jobId)
      if (!current) return
      const events = await store.jobEvents(jobId, after, 500)
      for (const { seq, type, data } of events) {
        after = seq
        quietSince = Date.now()
        const job = type === 'failure' ? undefined : await store.job(jobId)
        yield `id: ${seq}\nevent: ${type}\ndata: ${JSON.stringify(job ? viewJob(job) : data)}\n\n`
        if (type === 'end') return
      }
      // Asked for what comes after the end.
      if (events.length === 0 && current.completedAt !== undefined) return
      if (Date.now() - quietSince > keepAliveMs) {
        quietSince = Date.now()
        yield ': still here\n\n'
      }
      await pause()
    }
  }

  const events = lines()
  const encoder = new TextEncoder()
  const body = new ReadableStream<Uint8Array>({
    pull: async (controller) => {
      const { value, done } = await events.next()
      if (done) {
        forget()
        controller.close()
      } else controller.enqueue(encoder.encode(value))
    },
    cancel: () => {
      forget()
      closing.abort()
    },
  })
  return new Response(body, {
    headers: { 'Content-Type': 'text/event-stream', 'Cache-Control': 'no-store', 'X-Accel-Buffering': 'no' },
  })
}

async function isOver(store: Store, jobId: string, after: number): Promise<boolean> {
  const job = await store.job(jobId)
  return job?.completedAt !== undefined && (await store.jobEvents(jobId, after, 1)).length === 0
}
