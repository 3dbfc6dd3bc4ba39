import { type Delivery, type Hmac, handshake, hmac, ignored, type Receipt, resync } from '@cx/core'
import type { Config } from './config.ts'

interface Payload {
  readonly id?: unknown
  readonly type?: unknown
  readonly verification_token?: unknown
}

/** https://developers.notion.com/reference/webhooks: signed with the token of the handshake. */
export const verify: Hmac = hmac({ hash: 'sha256', header: 'x-notion-signature', prefix: 'sha256=' })

/**
 * What a delivery means. Events come about a minute late, out of order and without content: each asks for a look at
 * what changed. `id` tells repeats apart. The handshake is not signed; it hands over the signing secret.
 */
export function receive(delivery: Delivery, config: Config): Receipt {
  const payload = parse(delivery)
  if (!payload) return ignored('The body is no JSON object.')
  const { verification_token: token, type } = payload
  const id = typeof payload.id === 'string' ? payload.id : undefined
  if (typeof token === 'string' && token !== '' && type === undefined)
    return handshake(JSON.stringify({ received: true }), { contentType: 'application/json', secret: token })
  if (typeof type !== 'string') return ignored('The delivery is no event.', id)
  if (/^(page|data_source|database)\./.test(type)) return resync(type, id)
  if (type.startsWith('comment.'))
    return ignored(
      config.includeComments
        ? 'Comments are looked at with their page and by each full listing.'
        : 'Comments are not included.',
      id,
    )
  return ignored(`${type.slice(0, 100)} changes no document.`, id)
}

function parse({ body }: Delivery): Payload | undefined {
  try {
    const value = JSON.parse(new TextDecoder().decode(body)) as unknown
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Payload) : undefined
  } catch {
    return undefined
  }
}
