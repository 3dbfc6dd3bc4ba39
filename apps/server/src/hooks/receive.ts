import type { Delivery, Receipt } from '@cx/core'
import type { Connector } from '@cx/store'
import { wholeConfig } from '../config-secrets.ts'
import { ApiError, notFound } from '../http/errors.ts'
import { readBytes } from '../http/read-body.ts'
import { accepted, type Reply } from '../http/route.ts'
import type { Services } from '../services.ts'
import { connectorStatus } from '../views.ts'
import { hookSecret, keepHandedOver } from './secret.ts'
import { isGenuine } from './verify.ts'

const dayMs = 86_400_000

/** Takes what a source tells: proves it, and queues a sync of what it names. Calls nobody, so that it answers at once. */
export async function receiveHook(
  services: Services,
  connectorId: string,
  request: Request,
): Promise<Reply | Response> {
  const { store, plugins } = services
  const connector = await store.getConnector(connectorId)
  const webhook = connector && (await plugins.get(connector.type))?.webhook
  if (!webhook) throw notFound('connector that takes webhooks', connectorId)
  const delivery: Delivery = {
    headers: request.headers,
    body: await readBytes(request),
    query: new URL(request.url).searchParams,
    receivedAt: Date.now(),
  }
  const kept = await hookSecret(services, connectorId)
  const genuine = await isGenuine(webhook.verify, delivery, kept.secret)
  const isExpected = (kept.handshakeUntil ?? 0) > delivery.receivedAt
  if (!genuine && !isExpected) throw refused(kept.secret !== undefined)
  const config = await wholeConfig(services.vault, connector)
  const receipt = read(services, connector, () => webhook.receive(delivery, config))
  if (receipt.kind === 'handshake') {
    if (receipt.secret !== undefined && isExpected && kept.secret === undefined)
      await keepHandedOver(services, connectorId, receipt.secret)
    return new Response(receipt.body, {
      headers: {
        'Content-Type': receipt.contentType ?? 'text/plain; charset=utf-8',
        'X-Content-Type-Options': 'nosniff',
      },
    })
  }
  if (!genuine) throw refused(kept.secret !== undefined)
  return once(services, connectorId, receipt.deliveryId, () => take(services, connector, receipt))
}

interface Taken {
  readonly outcome: 'queued' | 'ignored' | 'duplicate'
  readonly reason: string | null
  readonly jobId: string | null
}

async function take(
  { store, log }: Services,
  connector: Connector,
  receipt: Exclude<Receipt, { kind: 'handshake' }>,
): Promise<Taken> {
  const status = connectorStatus(connector)
  const idle = status === 'paused' || status === 'inactive' ? `The connector is ${status}.` : undefined
  const nothing = receipt.kind === 'affected' && receipt.paths.length === 0 ? 'It names no path.' : undefined
  const reason = idle ?? nothing ?? (receipt.kind === 'ignored' ? receipt.reason : undefined)
  if (reason !== undefined) return { outcome: 'ignored', reason, jobId: null }
  // The engine is not woken: what comes within its next look joins this job.
  const job = await store.enqueue({
    connectorId: connector.id,
    kind: 'sync',
    params: { mode: 'auto', origin: 'source', ...(receipt.kind === 'affected' && { paths: receipt.paths }) },
  })
  log.debug('A source told of changes.', { connectorId: connector.id, jobId: job.id, receipt: receipt.kind })
  return { outcome: 'queued', reason: receipt.kind === 'resync' ? receipt.reason : null, jobId: job.id }
}

/** A delivery that was taken is not taken again for a day; one that was left half-way is. */
async function once(
  { store }: Services,
  connectorId: string,
  deliveryId: string | undefined,
  work: () => Promise<Taken>,
): Promise<Reply> {
  if (deliveryId === undefined) return accepted({ received: true, ...(await work()) })
  const key = `hook ${connectorId} ${deliveryId.slice(0, 300)}`
  const { state } = await store.idempotent(key, '', dayMs)
  if (state === 'done')
    return accepted({ received: true, outcome: 'duplicate', reason: 'It was received before.', jobId: null })
  const taken = await work()
  await store.rememberAnswer(key, 202, null)
  return accepted({ received: true, ...taken })
}

/** What a plugin cannot read is its mistake, not the sender's: it is not sent again for it. */
function read({ log }: Services, { id, type }: Connector, receive: () => Receipt): Receipt {
  try {
    return receive()
  } catch (error) {
    log.error('A connector could not read a webhook.', { connectorId: id, type, error })
    return { kind: 'ignored', reason: 'It could not be read.' }
  }
}

function refused(hasSecret: boolean): ApiError {
  return new ApiError(
    'unauthorized',
    hasSecret
      ? 'The signature is missing, wrong or too old. Check that the source signs with the secret of this connector.'
      : 'This connector has no webhook secret, so nothing can be proved: make one with POST /api/v1/connectors/{id}/webhook-secret.',
  )
}
