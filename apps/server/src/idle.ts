import type { Engine } from '@cx/core/engine'
import { releaseMemory } from '@cx/store'

const settledMs = 1_000
/** Parser threads end after 30 seconds without work. */
const quietMs = 40_000

/** Gives memory back to the system when the start is over, and again when no job has run for a while. Call the result to stop. */
export function releaseWhenIdle(engine: Pick<Engine, 'onEvent'>): () => void {
  let running = 0
  let timer = setTimeout(releaseMemory, settledMs).unref()
  const forget = engine.onEvent(({ type }) => {
    running += type === 'started' ? 1 : -1
    clearTimeout(timer)
    if (running === 0) timer = setTimeout(releaseMemory, quietMs).unref()
  })
  return () => {
    forget()
    clearTimeout(timer)
  }
}
