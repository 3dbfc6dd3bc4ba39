import { randomBytes } from 'node:crypto'
import { newId, type Webhook, type WebhookEvent } from '@cx/store'
import type { Caller } from '../access.ts'
import { ApiError, invalid, notFound } from '../http/errors.ts'
import { audit, type Services } from '../services.ts'

/** The body of POST and PUT. */
export interface WebhookBody {
  readonly url?: string
  readonly description?: string
  readonly events?: readonly WebhookEvent[]
  readonly collections?: readonly string[] | null
  readonly enabled?: boolean
  readonly secret?: string
}

export async function createWebhook(
  services: Services,
  caller: Caller,
  body: WebhookBody & Required<Pick<WebhookBody, 'url' | 'events'>>,
): Promise<{ readonly webhook: Webhook; readonly secret: string }> {
  const { store, vault } = services
  checkUrl(body.url)
  const id = newId('wh')
  const secret = body.secret ?? `whsec_${randomBytes(32).toString('base64url')}`
  const webhook = await store.createWebhook(
    {
      id,
      url: body.url,
      description: body.description ?? '',
      events: body.events,
      collections: await collectionsFor(services, caller, body.collections),
      enabled: body.enabled ?? true,
    },
    vault.seal(id, secret),
  )
  await audit(services, caller, 'webhook.created', id, { host: new URL(body.url).host })
  return { webhook, secret }
}

export async function updateWebhook(
  services: Services,
  caller: Caller,
  id: string,
  { secret, collections, ...patch }: WebhookBody,
): Promise<Webhook> {
  const { store, vault } = services
  await visibleWebhook(services, caller, id)
  if (patch.url !== undefined) checkUrl(patch.url)
  const updated = await store.updateWebhook(id, {
    ...patch,
    ...(collections !== undefined && { collections: await collectionsFor(services, caller, collections) }),
  })
  if (!updated) throw notFound('webhook', id)
  if (secret !== undefined) await store.putWebhookSecret(id, vault.seal(id, secret))
  const fields = [patch, { collections, secret }].flatMap((part) =>
    Object.entries(part).flatMap(([name, value]) => (value === undefined ? [] : [name])),
  )
  await audit(services, caller, 'webhook.updated', id, { fields })
  return updated
}

/** A key that is limited to certain collections sees the webhooks that are limited to them. @throws ApiError `not_found` */
export async function visibleWebhook({ store }: Services, { collections }: Caller, id: string): Promise<Webhook> {
  const webhook = await store.webhook(id)
  const isVisible = collections === null || webhook?.collections?.every((one) => collections.includes(one))
  if (!webhook || !isVisible) throw notFound('webhook', id)
  return webhook
}

async function collectionsFor(
  { sight }: Services,
  caller: Caller,
  wanted: readonly string[] | null = null,
): Promise<readonly string[] | null> {
  if (wanted === null) return caller.collections
  return [...new Set(await Promise.all(wanted.map(async (one) => (await sight.collection(caller, one)).id)))]
}

function checkUrl(given: string): void {
  const url = URL.canParse(given) ? new URL(given) : undefined
  if (!url || !/^https?:$/.test(url.protocol))
    throw invalid([{ path: '/url', message: 'must be an address such as https://example.com/hook' }])
  if (url.username || url.password)
    throw new ApiError(
      'invalid_request',
      'Leave the user and password out of the url: deliveries are signed instead.',
      {
        details: [{ path: '/url', message: 'must not hold a user or password' }],
      },
    )
}
