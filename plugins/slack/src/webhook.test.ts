import type { Delivery } from '@cx/core'
import { expect, test } from 'vitest'
import { rememberName } from './channel-names.ts'
import type { Config } from './config.ts'
import { receive, verify } from './webhook.ts'

const config: Config = {
  channels: [],
  apiUrl: 'https://slack.com/api',
  includePrivate: true,
  includeArchived: true,
  includeFiles: true,
  includeBots: true,
  lookbackDays: 30,
  autoJoin: false,
}

function delivery(payload: unknown, headers: Record<string, string> = {}): Delivery {
  const body = new TextEncoder().encode(typeof payload === 'string' ? payload : JSON.stringify(payload))
  return { headers: new Headers(headers), body, query: new URLSearchParams(), receivedAt: 0 }
}

function event(inner: object): Delivery {
  return delivery({ type: 'event_callback', team_id: 'T1', event_id: 'Ev1', event: { type: 'message', ...inner } })
}

test("the signed text is Slack's own example", async () => {
  // https://docs.slack.dev/authentication/verifying-requests-from-slack
  const body =
    'token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V&channel_name=foobar&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text=&response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN&trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c'
  const { createHmac } = await import('node:crypto')
  const signed = verify.signed!(delivery(body, { 'x-slack-request-timestamp': '1531420618' }))
  const digest = createHmac(verify.hash, '8f742231b10e8888abcd99yyyzzz85a5').update(signed).digest(verify.encoding)
  // The host refuses a delivery that is older than five minutes by it.
  expect(verify.timestampHeader).toBe('x-slack-request-timestamp')
  expect(verify.prefix! + digest).toBe('v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503')
})

test('the handshake answers with the challenge', () => {
  expect(receive(delivery({ type: 'url_verification', challenge: 'abc' }), config)).toMatchObject({
    kind: 'handshake',
    body: 'abc',
  })
})

test('a message names its documents once the name of its channel is known', () => {
  const posted = event({ channel: 'C0NAMED001', ts: '1772366400.000100', text: 'hi' })
  expect(receive(posted, config)).toMatchObject({ kind: 'resync', deliveryId: 'Ev1' })
  rememberName('T1', 'C0NAMED001', 'general')
  expect(receive(posted, config)).toEqual({
    kind: 'affected',
    paths: ['general/2026/03/01.md', 'general/2026/03/01/1772366400.000100.md'],
    deliveryId: 'Ev1',
  })
  const reply = { channel: 'C0NAMED001', ts: '1772452800.000200', thread_ts: '1772366400.000100' }
  const thread = { kind: 'affected', paths: ['general/2026/03/01.md', 'general/2026/03/01/1772366400.000100.md'] }
  expect(receive(event(reply), config)).toMatchObject(thread)
  expect(receive(event({ channel: 'C0NAMED001', subtype: 'message_changed', message: reply }), config)).toMatchObject(
    thread,
  )
  expect(
    receive(
      event({ channel: 'C0NAMED001', subtype: 'message_deleted', deleted_ts: reply.ts, previous_message: reply }),
      config,
    ),
  ).toMatchObject(thread)
})

test('other channels are ignored only where that is certain', () => {
  const posted = event({ channel: 'C0NAMED002', ts: '1772366400.000100' })
  expect(receive(posted, { ...config, channels: ['C0OTHER001'] })).toMatchObject({ kind: 'ignored' })
  expect(receive(posted, { ...config, channels: ['general'] })).toMatchObject({ kind: 'resync' })
  rememberName('T1', 'C0NAMED002', 'random')
  expect(receive(posted, { ...config, channels: ['general'] })).toMatchObject({ kind: 'ignored' })
  const link = 'https://acme.slack.com/archives/C0NAMED002'
  expect(receive(posted, { ...config, channels: [link] })).toMatchObject({ kind: 'affected' })
  expect(receive(event({ channel: 'D0DIRECT01', ts: '1772366400.000100' }), config)).toMatchObject({ kind: 'ignored' })
})
