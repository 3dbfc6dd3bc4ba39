export { abortable, iterate } from './abort.ts'
export type { Turn, TurnOptions, Turns } from './allowance.ts'
export { systemClock } from './clock.ts'
export { type ConnectorDescription, describeConnector } from './describe.ts'
export { createEngine, type Engine, type EngineEvent, type EngineOptions } from './engine.ts'
export { createFetch, type FetchOptions } from './fetch.ts'
export { fingerprint } from './fingerprint.ts'
export { createRateLimits, Limiter, type LimiterOptions, type RateLimit, type RateLimits } from './limiter.ts'
export type { JobObservation, Observation, Observe, ObserveStage, Stage, StageObservation } from './observe.ts'
export { defaultSettings, type SyncOptions, type SyncSettings } from './options.ts'
export * from './parser.ts'
export * from './ports.ts'
export type { Quota } from './quota.ts'
export type { Picture, RecognitionEngine, Recognized, TextRecognizer } from './recognition.ts'
export { Redactor } from './redact.ts'
export { createScope, pathInScope } from './scope.ts'
export { type OpenSession, openSession, type SessionOptions } from './session.ts'
export { createSessions, type OpenOptions, type Sessions, type SessionsOptions } from './sessions.ts'
export { runSync } from './sync.ts'
export {
  type CheckedCredentials,
  type Problem,
  type Validated,
  validateConfig,
  validateCredentials,
} from './validate.ts'
