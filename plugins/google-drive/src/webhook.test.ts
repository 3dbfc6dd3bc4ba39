import { expect, it } from 'vitest'
import { receive, verifyToken } from './webhook.ts'

const delivery = (headers: Record<string, string>) => ({
  headers: new Headers(headers),
  body: new Uint8Array(),
  query: new URLSearchParams(),
  receivedAt: 0,
})
const channel = { 'x-goog-channel-id': 'c1', 'x-goog-message-number': '7' }

it("takes a delivery with the channel's token, and none without", () => {
  const token = (value: string, more: Record<string, string> = channel) =>
    verifyToken(delivery({ ...more, 'x-goog-channel-token': value }), 'secret')
  expect(token('secret')).toBe(true)
  expect(token('secret', {})).toBe(false)
  expect([token('Secret'), token('secret2'), token('')]).toEqual([false, false, false])
  expect(verifyToken(delivery(channel), 'secret')).toBe(false)
  expect(verifyToken(delivery({ ...channel, 'x-goog-channel-token': '' }), '')).toBe(false)
})

it('looks into the log at a change, once for each message of a channel', () => {
  const told = (state: string, more = {}) => receive(delivery({ ...channel, ...more, 'x-goog-resource-state': state }))
  expect(told('change')).toMatchObject({ kind: 'resync', deliveryId: 'c1 7' })
  expect(told('change', { 'x-goog-message-number': '8' })).toMatchObject({ deliveryId: 'c1 8' })
  expect(told('sync')).toMatchObject({ kind: 'ignored' })
  expect(told('exists')).toMatchObject({ kind: 'ignored' })
})
