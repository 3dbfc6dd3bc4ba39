import type { Worker } from 'node:worker_threads'
import { now, type Progress } from './progress.ts'
import type { Job } from './queue.ts'
import type { Verdict } from './verdict.ts'

const everyMs = 50
/** A thread that has used half of its memory could fill the rest, and as much again, before the next look. */
const everyMsInDanger = 10
/** A heap that is full for so long is full: what was garbage in it will have been collected. */
const garbageMs = 250
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
  let fullSince: number | undefined
  let looking = false
  let stopped = false
  let sooner: NodeJS.Timeout | undefined
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
    lookAtMemory(index)
  }
  const lookAtMemory = (index: number): void => {
    if (looking) return
    looking = true
    // A thread that has ended meanwhile answers with an error.
    void checkMemory(index)
      .catch(() => false)
      .then((inDanger) => {
        looking = false
        if (inDanger && !stopped && !controller.signal.aborted)
          sooner = setTimeout(lookAtMemory, everyMsInDanger, index)
      })
  }
  /** Whether the next look cannot wait. */
  const checkMemory = async (index: number): Promise<boolean> => {
    const thread = threads().find(({ threadId }) => threadId === progress.threadId())
    const heap = await thread?.getHeapStatistics()
    if (heap === undefined || controller.signal.aborted || progress.index() !== index) return false
    const used = heap.used_heap_size / maxHeapBytes
    const external = (heap.external_memory - progress.externalBytes()) / maxExternalBytes
    fullSince = used > 1 ? (fullSince ?? now()) : undefined
    const isFull = used > 1.5 || external > 1 || (fullSince !== undefined && now() - fullSince > garbageMs)
    if (isFull)
      end({ code: 'out_of_memory', message: 'Reading the document takes more memory than it may use.', certain: true })
    return used > 0.5 || external > 0.5
  }
  const timer = setInterval(check, everyMs)
  const stop = (): void => {
    clearInterval(timer)
    clearTimeout(sooner)
    stopped = true
  }
  return { signal: controller.signal, verdict: () => verdict, stop }
}
