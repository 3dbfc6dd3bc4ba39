import { createHmac, timingSafeEqual } from 'node:crypto'
import type { Delivery, Verification } from '@cx/core'

/** How far the sender's clock may be from ours, either way. */
const windowMs = 5 * 60_000
const customMs = 700

/** Whether a delivery comes from the source. False without a secret, and on anything that goes wrong. */
export async function isGenuine(
  verify: Verification,
  delivery: Delivery,
  secret: string | undefined,
): Promise<boolean> {
  if (!secret) return false
  try {
    if (verify.kind === 'custom') return (await within(verify.verify(delivery, secret), customMs)) === true
    if (verify.timestampHeader !== undefined && !isRecent(delivery, verify.timestampHeader)) return false
    const given = delivery.headers.get(verify.header)
    if (given === null) return false
    const signed = verify.signed?.(delivery) ?? delivery.body
    const digest = createHmac(verify.hash, secret).update(signed).digest(verify.encoding)
    const expected = Buffer.from((verify.prefix ?? '') + digest)
    const actual = Buffer.from(given)
    return expected.length === actual.length && timingSafeEqual(expected, actual)
  } catch {
    return false
  }
}

function isRecent({ headers, receivedAt }: Delivery, header: string): boolean {
  const sent = headers.get(header)
  return sent !== null && /^\d{1,12}$/.test(sent) && Math.abs(receivedAt - Number(sent) * 1000) <= windowMs
}

async function within<T>(value: T | Promise<T>, ms: number): Promise<T | undefined> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => resolve(undefined), ms)
  })
  try {
    return await Promise.race([value, late])
  } finally {
    clearTimeout(timer)
  }
}
