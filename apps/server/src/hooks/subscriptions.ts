import { randomUUID } from 'node:crypto'
import type { SourceConnector } from '@cx/core'
import type { Connector, HookSubscription } from '@cx/store'
import type { Services } from '../services.ts'
import { targetOf, withSource } from '../source.ts'
import { hookUrl } from './address.ts'
import { awaitHandshake, generateHookSecret, hookSecret } from './secret.ts'

const minuteMs = 60_000
const hourMs = 3_600_000
const dayMs = 24 * hourMs
const timeoutMs = 30_000

/** What only a person can mend, here or at the source. */
const lasting: ReadonlySet<unknown> = new Set([
  'misconfigured',
  'forbidden',
  'not_found',
  'unauthenticated',
  'unprocessable',
  'egress_denied',
])

/**
 * Registers this host where a source can be told where to send its webhooks, and renews it when three quarters of its
 * life are over. Needs `CX_PUBLIC_URL`: a source cannot reach any other address. What a source does not take for a reason
 * that lasts is tried again when the connector was changed, or a day later.
 */
export async function keepSubscriptions(
  services: Services,
  signal: AbortSignal,
  now: number = Date.now(),
): Promise<void> {
  const { settings, plugins, store } = services
  if (settings.publicUrl === undefined) return
  for (let after: string | undefined, more = true; more; ) {
    const page = await store.connectors({ limit: 100, ...(after !== undefined && { after }) })
    for (const connector of page.rows) {
      if (signal.aborted) return
      if (!connector.activated || !connector.enabled) continue
      const plugin = await plugins.get(connector.type)
      if (!plugin?.webhook?.subscribe) continue
      const url = hookUrl(settings, connector.id)
      const known = await store.hookSubscription(connector.id)
      if (isDue(known, connector, url, now))
        await alone(services, connector.id, () => subscribe(services, plugin, connector, { known, url, now, signal }))
    }
    after = page.next
    more = after !== undefined
  }
}

function isDue(known: HookSubscription | undefined, connector: Connector, url: string, now: number): boolean {
  if (known?.url !== url) return true
  const { dueAt, lastError } = known
  if (dueAt === null) return false
  // Only what lasts is put off for so long, from the moment when it failed.
  const isPutOff = lastError !== null && dueAt - now > hourMs
  return dueAt <= now || (isPutOff && connector.updatedAt > dueAt - dayMs)
}

interface Due {
  readonly known: HookSubscription | undefined
  readonly url: string
  readonly now: number
  readonly signal: AbortSignal
}

async function subscribe(
  services: Services,
  plugin: SourceConnector,
  connector: Connector,
  { known, url, now, signal }: Due,
): Promise<void> {
  const { store, log } = services
  const webhook = plugin.webhook!
  const current = known?.url === url ? known : undefined
  const alive = current && current.handle !== null && (current.expiresAt === null || current.expiresAt > now)
  try {
    const target = await targetOf(services, connector)
    const limit = AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)])
    let { secret } = await hookSecret(services, connector.id)
    secret ??= await generateHookSecret(services, connector.id)
    // The source may ask, unsigned, whether the address is ours.
    await awaitHandshake(services, connector.id, true)
    const { handle, expiresAt } = await withSource(services, target, limit, ({ session, run }) =>
      alive && webhook.renew
        ? webhook.renew(session, current.handle, { url, secret }, run)
        : webhook.subscribe!(session, { url, secret }, run),
    )
    const dueAt = expiresAt === undefined ? null : now + Math.max(minuteMs, (expiresAt - now) * 0.75)
    await store.putHookSubscription({
      connectorId: connector.id,
      url,
      handle,
      expiresAt: expiresAt ?? null,
      dueAt: dueAt === null ? null : Math.floor(dueAt),
      failures: 0,
      lastError: null,
    })
    log.info('Subscribed to changes.', { connectorId: connector.id, expiresAt })
  } catch (error) {
    if (signal.aborted) return
    const failures = (current?.failures ?? 0) + 1
    const message = (error instanceof Error ? error.message : String(error)).slice(0, 500)
    const isLasting = !alive && lasting.has((error as { code?: unknown } | null)?.code)
    await store.putHookSubscription({
      connectorId: connector.id,
      url,
      handle: current?.handle ?? null,
      expiresAt: current?.expiresAt ?? null,
      dueAt: now + (isLasting ? dayMs : Math.min(hourMs, minuteMs * 2 ** Math.min(failures - 1, 10))),
      failures,
      lastError: message,
    })
    // Said once, not at every try.
    const level = message === known?.lastError ? 'debug' : 'warn'
    log[level]('A source could not be subscribed to; syncs on schedule go on.', {
      connectorId: connector.id,
      error: message,
    })
  }
}

/** One process at a time. */
async function alone({ store }: Services, connectorId: string, work: () => Promise<void>): Promise<void> {
  const name = `hook-subscription ${connectorId}`
  const owner = randomUUID()
  if (!(await store.acquireLease(name, owner, 2 * timeoutMs))) return
  try {
    await work()
  } finally {
    await store.releaseLease(name, owner)
  }
}
