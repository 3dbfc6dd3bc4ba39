import type { Delivery } from '@cx/core'
import { expect, test } from 'vitest'
import s3 from '../src/index.ts'

const delivery = (body: unknown, headers: Record<string, string> = {}): Delivery => ({
  headers: new Headers(headers),
  body: new TextEncoder().encode(typeof body === 'string' ? body : JSON.stringify(body)),
  query: new URLSearchParams(),
  receivedAt: Date.now(),
})
const record = (key: string, name = 'docs'): object => ({
  eventName: 's3:ObjectCreated:Put',
  s3: { bucket: { name }, object: { key } },
})
const config = { bucket: 'docs', prefix: 'in/' }
const receive = (body: unknown): unknown => s3.webhook!.receive(delivery(body), config)

test('the shared token is asked for, and nothing passes without a secret', async () => {
  const { verify } = s3.webhook!
  const check = (headers: Record<string, string>, secret = 'token'): unknown =>
    verify.kind === 'custom' && verify.verify(delivery('{}', headers), secret)
  expect(check({ authorization: 'Bearer token' })).toBe(true)
  expect(check({ 'x-cx-token': 'token' })).toBe(true)
  expect(check({ authorization: 'Bearer other' })).toBe(false)
  expect(check({})).toBe(false)
  expect(check({ authorization: 'Bearer ' }, '')).toBe(false)
})

test('records name form-encoded keys, EventBridge raw ones', () => {
  expect(
    receive({ Records: [record('in/a+b%2Bc%C3%A9.txt'), record('in/x'), record('in/x'), record('out/y')] }),
  ).toEqual({ kind: 'affected', paths: ['in/a b+cé.txt', 'in/x'] })
  expect(
    receive({
      id: 'e1',
      'detail-type': 'Object Deleted',
      detail: { bucket: { name: 'docs' }, object: { key: 'in/a+b%20' } },
    }),
  ).toEqual({ kind: 'affected', paths: ['in/a+b%20'], deliveryId: 'e1' })
})

test('what is not for us is ignored, with the reason', () => {
  for (const body of [
    'no json',
    '[]',
    'null',
    {},
    { Records: [] },
    { Event: 's3:TestEvent' },
    { Records: [record('in/a', 'other')] },
    { Records: [record('out/a')] },
  ])
    expect(receive(body), JSON.stringify(body)).toMatchObject({ kind: 'ignored' })
  expect(receive({ Records: [{ s3: { bucket: { name: 'docs' } } }] })).toMatchObject({ kind: 'resync' })
})
