export { abortable, iterate } from './abort.ts'
export { systemClock } from './clock.ts'
export { type ConnectorDescription, describeConnector } from './describe.ts'
export { createEngine, type Engine, type EngineEvent, type EngineOptions, type OpenOptions } from './engine.ts'
export { createFetch, type FetchOptions } from './fetch.ts'
export { fingerprint } from './fingerprint.ts'
export { Limiter, type LimiterOptions } from './limiter.ts'
export type { JobObservation, Observation, Observe, ObserveStage, Stage, StageObservation } from './observe.ts'
export { defaultSettings, type SyncOptions, type SyncSettings } from './options.ts'
export * from './parser.ts'
export * from './ports.ts'
export { Redactor } from './redact.ts'
export { createScope, pathInScope } from './scope.ts'
export { type OpenSession, openSession, type SessionOptions } from './session.ts'
export { runSync } from './sync.ts'
export {
  type CheckedCredentials,
  type Problem,
  type Validated,
  validateConfig,
  validateCredentials,
} from './validate.ts'
