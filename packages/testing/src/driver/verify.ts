import { createHmac, timingSafeEqual } from 'node:crypto'
import type { Delivery, Hmac, Verification } from '@cx/core'
import type { SampleDelivery } from '../fixture.ts'

const fiveMinutesMs = 5 * 60 * 1000

export function delivery(
  sample: SampleDelivery,
  headers: Readonly<Record<string, string>> = {},
  receivedAt: number = Date.now(),
): Delivery {
  return {
    headers: new Headers({ ...sample.headers, ...headers }),
    body: new TextEncoder().encode(sample.body),
    query: new URLSearchParams(sample.query),
    receivedAt,
  }
}

function digest(scheme: Hmac, secret: string, given: Delivery): string {
  return createHmac(scheme.hash, secret)
    .update(scheme.signed?.(given) ?? given.body)
    .digest(scheme.encoding)
}

/** The headers with which the source would send this delivery now. */
export function sign(
  verify: Verification,
  sample: SampleDelivery,
  secret: string,
  own?: (sample: SampleDelivery, secret: string) => Readonly<Record<string, string>>,
): Readonly<Record<string, string>> {
  if (own) return own(sample, secret)
  if (verify.kind === 'custom') return {}
  const time: Record<string, string> = verify.timestampHeader
    ? { [verify.timestampHeader]: String(Math.floor(Date.now() / 1000)) }
    : {}
  return { ...time, [verify.header]: (verify.prefix ?? '') + digest(verify, secret, delivery(sample, time)) }
}

/** What the host decides about a delivery. */
export async function accepts(verify: Verification, given: Delivery, secret: string): Promise<boolean> {
  if (secret === '') return verify.kind === 'custom' ? verify.verify(given, secret) : false
  if (verify.kind === 'custom') return verify.verify(given, secret)
  const seen = given.headers.get(verify.header)
  if (seen === null) return false
  if (verify.timestampHeader) {
    const sentMs = Number(given.headers.get(verify.timestampHeader) ?? Number.NaN) * 1000
    if (!(Math.abs(given.receivedAt - sentMs) <= fiveMinutesMs)) return false
  }
  const expected = Buffer.from((verify.prefix ?? '') + digest(verify, secret, given))
  const actual = Buffer.from(seen)
  return expected.length === actual.length && timingSafeEqual(expected, actual)
}
