import { createHmac } from 'node:crypto'
import { expect, it } from 'vitest'
import type { Config } from './config.ts'
import { receive, verify } from './webhook.ts'

const config = {
  spaceKeys: ['ENG'],
  includeBlogPosts: true,
  includeComments: false,
  includeAttachments: true,
} as unknown as Config

function delivery(body: object | string, headers: Record<string, string> = {}) {
  const text = typeof body === 'string' ? body : JSON.stringify(body)
  return {
    headers: new Headers(headers),
    body: new TextEncoder().encode(text),
    query: new URLSearchParams(),
    receivedAt: 0,
  }
}

it('takes a signature over the body, or the token of an Automation rule, and nothing without a secret', () => {
  const body = '{"event":"page_updated"}'
  const signature = (secret: string) => `sha256=${createHmac('sha256', secret).update(body).digest('hex')}`
  expect(verify(delivery(body, { 'x-hub-signature': signature('hush') }), 'hush')).toBe(true)
  // Some lines leave the name of the algorithm out.
  expect(verify(delivery(body, { 'x-hub-signature': signature('hush').slice('sha256='.length) }), 'hush')).toBe(true)
  expect(verify(delivery(`${body} `, { 'x-hub-signature': signature('hush') }), 'hush')).toBe(false)
  expect(verify(delivery(body, { 'x-cx-token': 'hush' }), 'hush')).toBe(true)
  // A wrong signature is not saved by a token beside it.
  expect(verify(delivery(body, { 'x-hub-signature': 'sha256=00', 'x-cx-token': 'hush' }), 'hush')).toBe(false)
  expect(verify(delivery(body, { 'x-hub-signature': signature('') }), '')).toBe(false)
  expect(verify(delivery(body), 'hush')).toBe(false)
})

it.each<[kind: string, body: object | string]>([
  ['resync', { event: 'page_updated', timestamp: 1, page: { id: 1, spaceKey: 'eng' } }],
  ['affected', { event: 'page_moved', timestamp: 1, page: { id: 1, spaceKey: 'ENG' } }],
  ['resync', { event: 'page_moved', timestamp: 1, page: { id: 1 } }],
  ['ignored', { event: 'content_permissions_updated', timestamp: 1, page: { id: 1 } }],
  ['resync', { event: 'space_removed', timestamp: 1, space: { key: 'ENG' } }],
  ['resync', { event: 'attachment_created', timestamp: 1 }],
  ['resync', { pageId: '12', spaceKey: 'ENG', timestamp: '2026-11-01T00:00:00Z' }],
  ['ignored', { event: 'page_updated', timestamp: 1, page: { id: 1, spaceKey: 'HR' } }],
  ['ignored', { event: 'comment_created', timestamp: 1 }],
  ['ignored', { event: 'user_created', timestamp: 1 }],
  ['ignored', { hello: 'world' }],
  ['ignored', 'no json'],
])('%s: %j', (kind, body) => {
  expect(receive(delivery(body), config).kind).toBe(kind)
})

it('tells repeats of one event by its time, and never two edits for one', () => {
  const one = receive(delivery({ event: 'page_updated', timestamp: 1 }), config)
  expect(receive(delivery({ event: 'page_updated', timestamp: 1 }), config)).toEqual(one)
  expect(receive(delivery({ event: 'page_updated', timestamp: 2 }), config)).not.toEqual(one)
  expect(receive(delivery({ pageId: '12' }), config)).not.toHaveProperty('deliveryId')
})
