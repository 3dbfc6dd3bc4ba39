import { ConnectorError, type Log, type Lookup } from '@cx/core'
import { Database } from './client.ts'
import type { Config, Login } from './config.ts'
import { RowReader } from './reader.ts'
import { Retained } from './retained.ts'
import { findTargets, type Target } from './targets.ts'

/** What a run works with. */
export interface Session {
  readonly config: Config
  readonly database: Database
  readonly reader: RowReader
  readonly retained: Retained
  readonly log: Log
  /** What the configuration selects, looked up once. */
  targets(signal: AbortSignal): Promise<readonly Target[]>
}

/** Nothing is connected until the first verb. @throws ConnectorError `misconfigured` for options that contradict. */
export function openSession(
  config: Config,
  login: Login,
  { lookup, log }: { readonly lookup?: Lookup | undefined; readonly log: Log },
): Session {
  if (config.query !== undefined && config.tables !== undefined)
    throw new ConnectorError('misconfigured', 'Give either `tables` or `query`, not both.')
  if (config.changeTracking === 'cdc' && (!config.slotName || !config.publicationName))
    throw new ConnectorError('misconfigured', '`changeTracking` "cdc" needs `slotName` and `publicationName`.')
  if (config.sslMode !== 'disable' && config.sslCert !== undefined && !login.sslKey)
    throw new ConnectorError('misconfigured', 'A client certificate (`sslCert`) needs its key (`sslKey`).')
  const database = new Database(config, login, { lookup, log })
  let found: Promise<Target[]> | undefined
  return {
    config,
    database,
    log,
    // One connection is left to the listing.
    reader: new RowReader(database, { maxRowBytes: config.maxRowBytes, parallel: config.maxConnections - 1 }),
    retained: new Retained(),
    targets(signal) {
      found ??= database.read(signal, (transaction) => findTargets(transaction, config))
      found.catch(() => {
        found = undefined
      })
      return found
    },
  }
}
