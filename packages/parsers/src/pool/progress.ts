/** Told across threads without messages, so that it is known even of a thread that hangs or has died. */
export interface Progress {
  readonly buffer: SharedArrayBuffer
  /** -1 before the first document, the number of documents after the last. */
  index(): number
  /** When the document at `index()` began, on {@link now}'s clock. */
  startedAt(): number
  threadId(): number
  begin(index: number, threadId: number): void
}

/** `buffer` is absent on the side that creates it. */
export function openProgress(buffer: SharedArrayBuffer = new SharedArrayBuffer(16)): Progress {
  const numbers = new Int32Array(buffer, 0, 2)
  const times = new Float64Array(buffer, 8, 1)
  if (numbers[1] === 0) numbers[0] = -1
  return {
    buffer,
    index: () => Atomics.load(numbers, 0),
    startedAt: () => times[0]!,
    threadId: () => Atomics.load(numbers, 1),
    begin: (index, threadId) => {
      times[0] = now()
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
