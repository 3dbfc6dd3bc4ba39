import { getPriority, setPriority } from 'node:os'

/**
 * Lets the threads that answer requests go before the calling one where cores are few, and before those that it starts
 * from then on. On Linux each thread has a priority of its own; elsewhere it does nothing.
 */
export function stepBack(): void {
  if (process.platform !== 'linux') return
  try {
    setPriority(Math.max(getPriority(), 5))
  } catch {
    // A sandbox may forbid it, and nothing depends on it.
  }
}
