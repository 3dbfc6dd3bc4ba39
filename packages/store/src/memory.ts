import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

type Collect = (options: { readonly type: 'major'; readonly execution: 'sync'; readonly flavor: 'last-resort' }) => void

let collect: Collect | undefined

/**
 * Collects the calling thread's garbage and gives the freed pages back to the system, which V8 by itself puts off for as
 * long as nothing is asked of it. Takes some tens of milliseconds: call it when nothing else is to do.
 */
export function releaseMemory(): void {
  // Never taken back: flags are the whole process's, and another thread may stand between these two lines.
  setFlagsFromString('--expose-gc')
  collect ??= runInNewContext('globalThis.gc') as Collect | undefined
  collect?.({ type: 'major', execution: 'sync', flavor: 'last-resort' })
}
