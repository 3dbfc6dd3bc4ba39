import { expect, test, vi } from 'vitest'
import type { SourceConnector } from '../contract/connector.ts'
import type { Content } from '../contract/entry.ts'
import { Admission } from './admission.ts'
import { systemClock } from './clock.ts'
import { Limiter } from './limiter.ts'
import { processEntry } from './process.ts'
import { Redactor } from './redact.ts'

test('content that comes after the run was stopped is let go of', async () => {
  const stop = new AbortController()
  const late = Promise.withResolvers<Content>()
  const cancelled = vi.fn()
  const read = vi.fn(() => late.promise)
  const silent = { debug() {}, info() {}, warn() {}, error() {} }
  const processing = processEntry(
    {
      connector: { read } as unknown as SourceConnector,
      opened: {
        session: {},
        run: { config: {}, log: silent, signal: stop.signal },
        redactor: new Redactor(),
        close: async () => {},
      },
      parser: {} as never,
      clock: systemClock,
      limiter: new Limiter({ clock: systemClock }),
      reads: new Admission(1),
      maxFileBytes: 1_000,
      stallMs: 60_000,
      retry: { attempts: 1, baseMs: 1 },
    },
    { id: 'a', path: 'a', version: '1' },
    1,
  )
  await vi.waitFor(() => expect(read).toHaveBeenCalled(), 10_000)
  stop.abort(new Error('stop'))
  await expect(processing).rejects.toThrow('stop')
  expect(cancelled).not.toHaveBeenCalled()
  late.resolve({ body: new ReadableStream({ cancel: cancelled }), mimeType: 'text/plain' })
  await vi.waitFor(() => expect(cancelled).toHaveBeenCalledOnce(), 10_000)
})
