export { type CheckOptions, checkConnector, checkLaw, type LawResult, type LawStatus, type ScoreCard } from './check.ts'
export {
  createFaultGate,
  everyFault,
  type Fault,
  type FaultGate,
  type FaultKind,
  type FaultRange,
  type Faults,
  type SourceCall,
} from './driver/faults.ts'
export { createFakeClock, type FakeClock } from './fakes/clock.ts'
export type { TestServer, TestServerOptions } from './fakes/listen.ts'
export { createTestLog, type LogLine, type TestLog } from './fakes/log.ts'
export {
  createMemorySource,
  type MemoryDocument,
  type MemorySource,
  type MemorySourceOptions,
  memoryConfig,
} from './fakes/memory-source.ts'
export { createMemoryStore, type MemoryStore, type MemoryStoreOptions } from './fakes/memory-store.ts'
export { type Routes, startProxy, startServer } from './fakes/server.ts'
export { startTcpProxy, type TcpProxy } from './fakes/tcp-proxy.ts'
export type { Budgets, Fixture, SampleDelivery, World } from './fixture.ts'
export { type Law, LawBroken, type LawGroup, NotApplicable } from './law.ts'
export { sourceLaws } from './laws/index.ts'
export { type ListOptions, type OpenConnector, type OpenConnectorOptions, openConnector } from './open-connector.ts'
export { type DocumentedRight, documentedRights, lossOf, type Yield, yieldOf } from './rights.ts'
export { formatResult, formatSummary, toJUnit } from './score.ts'
export { type StartEngineOptions, startEngine, type TestEngine } from './start-engine.ts'
