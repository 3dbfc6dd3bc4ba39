import type { Json, Log } from '@cx/core'
import type { Engine, Job, JobKind, JobParams } from '@cx/core/engine'
import type { Connector, CredentialVault, Store } from '@cx/store'
import type { Caller, Sight } from './access.ts'
import type { Egress } from './egress/guard.ts'
import type { Embedder } from './embedding/embedder.ts'
import { conflict } from './http/errors.ts'
import { reauthorizationRequired } from './oauth/refresher.ts'
import type { Plugins } from './plugins.ts'
import type { Settings } from './settings.ts'
import type { Telemetry } from './telemetry/telemetry.ts'
import { connectorStatus } from './views.ts'
import type { Deliverer } from './webhooks/deliverer.ts'

/** What the routes work with; made in `container.ts`. */
export interface Services {
  readonly settings: Settings
  readonly store: Store
  readonly log: Log
  readonly sight: Sight
  readonly plugins: Plugins
  readonly vault: CredentialVault
  readonly egress: Egress
  readonly deliverer: Deliverer
  readonly telemetry: Telemetry
  /** Made at first use, so that the host answers before the engine, the parsers and the plugins are loaded. */
  readonly engine: () => Promise<Engine>
  /** Likewise. */
  readonly embedder: () => Promise<Embedder>
}

/** Queues a job and wakes the engine. @throws ApiError `conflict` when the connector cannot sync. */
export async function startJob(
  { store, engine }: Services,
  connector: Connector,
  kind: JobKind,
  params: JobParams = {},
): Promise<Job> {
  refuseIdle(connector)
  const job = await store.enqueue({ connectorId: connector.id, kind, params })
  const running = await engine()
  running.wake()
  return job
}

/** @throws ApiError `conflict` when it is paused, not yet authorized or not any more. */
export function refuseIdle(connector: Connector): void {
  const status = connectorStatus(connector)
  if (status === 'paused')
    throw conflict(
      'connector_paused',
      `${connector.name} is paused. Resume it with PUT /connectors/${connector.id} {"enabled": true}.`,
    )
  if (status === 'inactive')
    throw conflict(
      'connector_inactive',
      `${connector.name} has no credentials yet. Authorize it through POST /oauth/init, or PUT its credentials.`,
    )
  if (needsReauthorization(connector)) throw conflict(reauthorizationRequired, connector.lastError!.message)
}

/** The provider has withdrawn what it granted: no sync can succeed before a person authorizes it again. */
export function needsReauthorization({ lastError }: Connector): boolean {
  return lastError?.code === reauthorizationRequired
}

/** Notes a change in the audit log. */
export async function audit(
  { store }: Services,
  caller: Caller,
  action: string,
  target: string,
  details: Json = {},
): Promise<void> {
  await store.audit({ actor: caller.keyId, action, target, details })
}
