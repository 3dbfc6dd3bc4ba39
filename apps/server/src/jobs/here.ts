import type { Engine } from '@cx/core/engine'
import type { ParserPool } from '@cx/parsers'
import type { Jobs } from './jobs.ts'

/** Jobs in the thread of the caller; the parsers are theirs alone, and end with them. */
export function jobsHere(engine: Engine, parser: ParserPool): Jobs {
  return {
    start: () => engine.start(),
    wake: () => engine.wake(),
    cancel: (jobId) => engine.cancel(jobId),
    open: (options) => engine.open(options),
    onEvent: (listener) => engine.onEvent(listener),
    parserLoad: async () => ({ queued: parser.queued, queuedBytes: parser.queuedBytes, busy: parser.busy }),
    stop: async (options) => {
      await engine.stop(options)
      await parser.close()
    },
  }
}
