import type { Engine, Observation, Quota } from '@cx/core/engine'
import type { SharedStore } from '@cx/store'
import type { Settings } from '../settings.ts'

export interface ParserLoad {
  /** Documents that wait for a parser thread, and their bytes. */
  readonly queued: number
  readonly queuedBytes: number
  /** Parser threads at work. */
  readonly busy: number
}

/** The engine, with all that only jobs need. */
export interface Jobs extends Engine {
  parserLoad(): Promise<ParserLoad>
}

/** What the thread of the jobs is started with. */
export interface JobsData {
  readonly settings: Settings
  readonly store: SharedStore
}

/** What the host asks of the thread. */
export interface ThreadFunctions {
  wake(): void
  /** Resolves when the job has ended, or after two seconds. */
  cancel(jobId: string): Promise<void>
  parserLoad(): Promise<ParserLoad>
  /** Gives running jobs back and closes what is open. */
  stop(timeoutMs: number): Promise<void>
}

/** A wait at the host, by which the thread names it later. */
export interface Waiting {
  readonly id: number
  readonly connectorId: string
  readonly type: string
}

/** What the thread tells the host, and asks of it: rates are counted there, where other calls are made under the same credentials. */
export interface HostFunctions {
  started(): void
  /** The engine of the thread could not be made. */
  failed(message: string): void
  event(event: Parameters<Parameters<Engine['onEvent']>[0]>[0]): void
  observed(observations: readonly Observation[]): void
  /** Resolves when the call may go, or with the time that none may. */
  turn(
    waiting: Waiting,
    url: string,
    options: { readonly again: boolean; readonly longestHoldMs: number },
  ): Promise<{ readonly heldMs: number } | undefined>
  /** What became of the call that was given the turn. */
  taken(id: number, quota: Quota | undefined): void
  refused(id: number, waitMs: number | undefined): void
  /** The call came to nothing, or is not waited for any more. */
  lost(id: number): void
  hold(of: Omit<Waiting, 'id'>, url: string, ms: number): void
  wait(waiting: Waiting, ms: number): Promise<void>
}
