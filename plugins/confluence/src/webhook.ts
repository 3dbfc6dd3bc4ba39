import { createHash, createHmac, timingSafeEqual } from 'node:crypto'
import { affected, ConnectorError, type Delivery, ignored, type Json, type Receipt, resync } from '@cx/core'
import type { Config } from './config.ts'
import type { Running } from './session.ts'

/** Data Center signs the body; a rule of Cloud's Automation can only send a header of its own. */
const signatureHeader = 'x-hub-signature'
const tokenHeader = 'x-cx-token'

const events = [
  'page_created',
  'page_updated',
  'page_moved',
  'page_trashed',
  'page_restored',
  'page_removed',
  'blog_created',
  'blog_updated',
  'blog_trashed',
  'blog_restored',
  'blog_removed',
  'attachment_created',
  'attachment_updated',
  'attachment_removed',
  'comment_created',
  'comment_updated',
  'comment_removed',
  'space_created',
  'space_updated',
  'space_removed',
]

/** https://confluence.atlassian.com/doc/managing-webhooks-1021225606.html */
export function verify({ headers, body }: Delivery, secret: string): boolean {
  if (secret === '') return false
  const signature = headers.get(signatureHeader)
  if (signature !== null)
    return isSame(signature.replace(/^sha256=/, ''), createHmac('sha256', secret).update(body).digest('hex'))
  const token = headers.get(tokenHeader)
  return token !== null && isSame(token, secret)
}

function isSame(given: string, expected: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest()
  return timingSafeEqual(digest(given), digest(expected))
}

interface Told {
  readonly event?: unknown
  readonly timestamp?: unknown
  readonly spaceKey?: unknown
  readonly [part: string]: unknown
}

/**
 * What a delivery means. It names ids and no paths, and anyone may have moved the page since: the change feed, a few
 * calls, is asked what is different.
 */
export function receive(delivery: Delivery, config: Config): Receipt {
  const told = parse(delivery.body)
  if (told === undefined) return ignored('The body is no JSON object.')
  const id = deliveryIdOf(delivery, told)
  const event = typeof told.event === 'string' ? told.event : 'automation'
  if (event === 'automation' && told.spaceKey === undefined && told.pageId === undefined)
    return ignored('It names neither an event nor a space nor a page.', id)
  const space = spaceKeyIn(told)
  const wanted = config.spaceKeys.map((key) => key.toLowerCase())
  if (space !== undefined && wanted.length > 0 && !wanted.includes(space.toLowerCase()))
    return ignored(`The space ${space} is not configured here.`, id)
  if (event.startsWith('comment_') && !config.includeComments) return ignored('Comments are not included.', id)
  if (event.startsWith('attachment_') && !config.includeAttachments) return ignored('Attachments are not included.', id)
  if (event.startsWith('blog_') && !config.includeBlogPosts) return ignored('Blog posts are not included.', id)
  if (event.includes('_permissions_')) return ignored('Access lists are refreshed on a schedule of their own.', id)
  // A move makes no version, so that no list of changes tells of it.
  if (event === 'page_moved' && space !== undefined) return affected([`${space}/`], id)
  const known = /^(automation$|page_|blog_|comment_|attachment_|space_)/.test(event)
  return known ? resync(event, id) : ignored(`Nothing depends on the event ${event}.`, id)
}

/** The same event is told once only; without a time two edits could not be told from one delivery sent twice. */
function deliveryIdOf({ body }: Delivery, { timestamp }: Told): string | undefined {
  if (typeof timestamp !== 'number' && typeof timestamp !== 'string') return undefined
  return createHash('sha256').update(body).digest('base64url').slice(0, 22)
}

function spaceKeyIn(told: Told): string | undefined {
  if (typeof told.spaceKey === 'string') return told.spaceKey
  for (const part of ['page', 'blog', 'space', 'attachment', 'comment']) {
    const value = told[part] as { spaceKey?: unknown; key?: unknown } | null | undefined
    const key = part === 'space' ? (value?.key ?? value?.spaceKey) : value?.spaceKey
    if (typeof key === 'string') return key
  }
  return undefined
}

function parse(body: Uint8Array): Told | undefined {
  try {
    const value: unknown = JSON.parse(new TextDecoder().decode(body))
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Told) : undefined
  } catch {
    return undefined
  }
}

/**
 * Registers the webhook at Data Center 7.7 and later, which takes an administrator. It does not run out.
 *
 * @throws ConnectorError `misconfigured` for Cloud, where only apps get events.
 */
export async function subscribe(
  { url, secret }: { readonly url: string; readonly secret: string },
  { session, signal }: Running,
): Promise<{ readonly handle: Json }> {
  const { wiki } = await session.site(signal)
  if (wiki.flavour === 'cloud')
    throw new ConnectorError('misconfigured', 'Confluence Cloud sends events to apps alone.', {
      remediation: `Make an Automation rule with "Send web request" to this address and the header ${tokenHeader}, or leave it to the schedule.`,
    })
  const { id } = await wiki.client.json<{ id: number | string }>('rest/api/webhooks', {
    signal,
    method: 'POST',
    json: { name: 'cx', url, active: true, events, configuration: { secret } },
  })
  return { handle: { id: String(id) } }
}
