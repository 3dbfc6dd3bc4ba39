import type { SourceConnector } from '../contract/connector.ts'
import type { RateLimit } from './limiter.ts'
import type { ObserveStage } from './observe.ts'
import type { Parser } from './parser.ts'
import type { Clock, ConnectorRecord, Job, SyncStore } from './ports.ts'
import type { OpenSession } from './session.ts'

export interface SyncOptions {
  readonly store: SyncStore
  readonly parser: Parser
  readonly clock: Clock
  readonly connector: SourceConnector
  readonly record: ConnectorRecord
  readonly opened: OpenSession
  readonly limiter: RateLimit
  readonly job: Job
  /** Ends every wait of the run; `opened` was made with the same. */
  readonly signal: AbortSignal
  /** Stops the run from inside: a write failed, credentials were refused while reading. */
  readonly abort: (reason: unknown) => void
  readonly settings: SyncSettings
  /** Learns what each stage does; nothing is measured without it. */
  readonly observe?: ObserveStage
}

export interface SyncSettings {
  /** Reads at once where the connector declares nothing. */
  readonly concurrency: number
  /** Bytes of content in memory between reading and parsing. */
  readonly bytesInFlight: number
  /** A listing at least this often, although there is a change feed. */
  readonly relistAfterMs: number
  /** A read or a body that gives nothing for so long is given up. */
  readonly stallMs: number
  readonly retry: { readonly attempts: number; readonly baseMs: number }
}

export const defaultSettings: SyncSettings = {
  concurrency: 16,
  bytesInFlight: 64 * 1024 * 1024,
  relistAfterMs: 7 * 24 * 60 * 60 * 1000,
  stallMs: 120_000,
  retry: { attempts: 4, baseMs: 500 },
}
