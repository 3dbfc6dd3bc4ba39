import type { SourceConnector } from '@cx/core'
import type { Services } from '../services.ts'
import type { Settings } from '../settings.ts'
import { hookSecret } from './secret.ts'

/** Where a source sends what it tells: a path of this host, unless `CX_PUBLIC_URL` says where others reach it. */
export function hookUrl({ publicUrl = '' }: Pick<Settings, 'publicUrl'>, connectorId: string): string {
  return `${publicUrl}/hooks/${connectorId}`
}

/** What a connector shows of its webhook; null when its type has none. */
export async function viewHook(
  services: Services,
  connectorId: string,
  plugin: SourceConnector | undefined,
): Promise<Readonly<Record<string, unknown>> | null> {
  if (!plugin?.webhook) return null
  const { secret } = await hookSecret(services, connectorId)
  const subscription = await services.store.hookSubscription(connectorId)
  return {
    url: hookUrl(services.settings, connectorId),
    hasSecret: secret !== undefined,
    subscription: subscription
      ? {
          active: subscription.handle !== null,
          expiresAt: subscription.expiresAt === null ? null : new Date(subscription.expiresAt).toISOString(),
          lastError: subscription.lastError,
        }
      : null,
  }
}
