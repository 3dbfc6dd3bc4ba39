import type { Engine } from '@cx/core/engine'
import { releaseMemory } from '@cx/store'

const settledMs = 1_000
/** Parser threads end after 30 seconds without work. */
const quietMs = 40_000

/** Gives memory back to the system when the start is over, and again when no job has run for a while. Call the result to stop. */
export function releaseWhenIdle(engine: Pick<Engine, 'onEvent'>): () => void {
  const running = new Set<string>()
  let timer = setTimeout(releaseMemory, settledMs).unref()
  const forget = engine.onEvent(({ type, jobId }) => {
    if (type === 'started') running.add(jobId)
    else running.delete(jobId)
    clearTimeout(timer)
    if (running.size === 0) timer = setTimeout(releaseMemory, quietMs).unref()
  })
  return () => {
    forget()
    clearTimeout(timer)
  }
}
