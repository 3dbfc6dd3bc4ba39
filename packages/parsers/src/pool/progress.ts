import { getHeapStatistics } from 'node:v8'

/** Told across threads without messages, so that it is known even of a thread that hangs or has died. */
export interface Progress {
  readonly buffer: SharedArrayBuffer
  /** -1 before the first document, the number of documents after the last. */
  index(): number
  /** When the document at `index()` began, on {@link now}'s clock. */
  startedAt(): number
  threadId(): number
  /** Bytes outside the heap that the thread held when the document began: what earlier ones left for collection. */
  externalBytes(): number
  begin(index: number, threadId: number): void
}

/** `buffer` is absent on the side that creates it. */
export function openProgress(buffer: SharedArrayBuffer = new SharedArrayBuffer(24)): Progress {
  const numbers = new Int32Array(buffer, 0, 2)
  const doubles = new Float64Array(buffer, 8, 2)
  if (numbers[1] === 0) numbers[0] = -1
  return {
    buffer,
    index: () => Atomics.load(numbers, 0),
    startedAt: () => doubles[0]!,
    threadId: () => Atomics.load(numbers, 1),
    externalBytes: () => doubles[1]!,
    begin: (index, threadId) => {
      doubles[0] = now()
      doubles[1] = getHeapStatistics().external_memory
      Atomics.store(numbers, 1, threadId)
      Atomics.store(numbers, 0, index)
    },
  }
}

/** Milliseconds on a clock that all threads of the process share and that is never set. */
export function now(): number {
  const [seconds, nanoseconds] = process.hrtime()
  return seconds * 1000 + nanoseconds / 1e6
}
