import type { Worker } from 'node:worker_threads'
import { now, type Progress } from './progress.ts'
import type { Job } from './queue.ts'
import type { Verdict } from './verdict.ts'

const everyMs = 50
/** Looks at a full heap before it counts as full: what is garbage in it will have been collected. */
const timesForGarbage = 5
/** A thread loads its modules before its first document; on a busy machine that takes seconds. */
const startMs = 60_000

export interface TaskWatch {
  /** Aborts when a document's time or memory is over, or when nobody waits for the task any more. */
  readonly signal: AbortSignal
  /** Why it aborted. */
  verdict(): Verdict | undefined
  stop(): void
}

export interface WatchOptions {
  readonly jobs: readonly Job[]
  readonly progress: Progress
  threads(): readonly Worker[]
  timeoutMs(job: Job): number
  /** Buffers and WASM memory, which the heap's own limit does not count. */
  readonly maxExternalBytes: number
  /** What the heap may hold for a while; half as much again ends the thread at once. */
  readonly maxHeapBytes: number
}

/** Looks at a running task from outside, as a thread in a loop can do nothing for itself. */
export function watchTask({
  jobs,
  progress,
  threads,
  timeoutMs,
  maxExternalBytes,
  maxHeapBytes,
}: WatchOptions): TaskWatch {
  const controller = new AbortController()
  const began = now()
  let verdict: Verdict | undefined
  let timesFull = 0
  const end = (reason: Verdict | undefined): void => {
    verdict = reason
    controller.abort()
  }
  const check = (): void => {
    if (jobs.every(({ settled }) => settled)) {
      end(undefined)
      return
    }
    const index = progress.index()
    const job = jobs[index]
    if (job === undefined) {
      if (index < 0 && now() - began > startMs) {
        end({ code: 'crashed', message: `No parser thread could be started in ${startMs / 1000} s.`, certain: false })
      }
      return
    }
    const limit = timeoutMs(job)
    if (now() - progress.startedAt() > limit && progress.index() === index) {
      end({
        code: 'timed_out',
        message: `The document was not read within ${Math.round(limit / 100) / 10} s.`,
        certain: true,
      })
      return
    }
    checkMemory(index).catch(() => {})
  }
  const checkMemory = async (index: number): Promise<void> => {
    const thread = threads().find(({ threadId }) => threadId === progress.threadId())
    const heap = await thread?.getHeapStatistics()
    if (heap === undefined || controller.signal.aborted || progress.index() !== index) return
    timesFull = heap.used_heap_size > maxHeapBytes ? timesFull + 1 : 0
    const heapIsFull = timesFull > timesForGarbage || heap.used_heap_size > maxHeapBytes * 1.5
    if (!heapIsFull && heap.external_memory - progress.externalBytes() <= maxExternalBytes) return
    end({ code: 'out_of_memory', message: 'Reading the document takes more memory than it may use.', certain: true })
  }
  const timer = setInterval(check, everyMs)
  return { signal: controller.signal, verdict: () => verdict, stop: () => clearInterval(timer) }
}
