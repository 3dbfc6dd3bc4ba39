import { MessageChannel } from 'node:worker_threads'
import type { ConnectorError, SourceConnector } from '@cx/core'
import { createRateLimits, type RateLimit, systemClock, type Turn } from '@cx/core/engine'
import { createBirpc } from 'birpc'
import { expect, onTestFinished, test } from 'vitest'
import type { HostFunctions } from './jobs.ts'
import { remoteRateLimits } from './remote-limits.ts'
import { serveLimits } from './serve-limits.ts'

const never = new AbortController().signal
const address = new URL('https://api.example.com/things')

/** A connector that may make two calls and then one a minute. */
const connector = {
  name: 'metered',
  limits: { requestsPerMinute: 1, burst: 2 },
} as unknown as SourceConnector

/** What the host keeps, and the same seen from a thread. */
function both(): { host: RateLimit; thread: RateLimit; leave(): void } {
  const limits = createRateLimits(systemClock)
  const served = serveLimits(limits, { get: async () => connector, all: async () => new Map() })
  const { port1, port2 } = new MessageChannel()
  onTestFinished(() => port1.close())
  createBirpc<Record<string, never>, Partial<HostFunctions>>(served, {
    post: (message) => port1.postMessage(message),
    on: (listen) => void port1.on('message', listen),
  })
  const rpc = createBirpc<HostFunctions, Record<string, never>>(
    {},
    {
      post: (message) => port2.postMessage(message),
      on: (listen) => void port2.on('message', listen),
      timeout: -1,
    },
  )
  return { host: limits.of('c', connector), thread: remoteRateLimits(rpc).of('c', connector), leave: served.leave }
}

/** Whether a turn is given at once. */
async function free(limit: RateLimit): Promise<boolean> {
  const controller = new AbortController()
  const turn = limit.of(address).turn(controller.signal)
  const given = await Promise.race([turn.then(() => true), new Promise<false>((end) => setTimeout(end, 100, false))])
  if (given) (await turn).lost()
  else {
    controller.abort()
    await turn.catch(() => {})
  }
  return given
}

test('calls of the thread and of the host are counted together', async () => {
  const { host, thread } = both()
  const first = await thread.of(address).turn(never)
  first.taken(undefined)
  const second = await host.of(address).turn(never)
  second.taken(undefined)
  expect(await free(thread)).toBe(false)
  expect(await free(host)).toBe(false)
})

test('a refusal in the thread holds back the host, and a long one is told as an error with its time', async () => {
  const { host, thread } = both()
  const turn = await thread.of(address).turn(never)
  turn.refused(600_000)
  await expect(thread.of(address).turn(never, { longestHoldMs: 1_000 })).rejects.toSatisfy(
    (error: ConnectorError) => error.code === 'rate_limited' && error.retryAfterMs! > 500_000,
  )
  expect(await free(host)).toBe(false)
})

test('an aborted wait ends at once, and its place goes to the next', async () => {
  const { thread } = both()
  const turns: Turn[] = [await thread.of(address).turn(never), await thread.of(address).turn(never)]
  const controller = new AbortController()
  const waiting = thread.of(address).turn(controller.signal)
  expect(thread.busy).toBe(true)
  controller.abort(new Error('enough'))
  await expect(waiting).rejects.toThrow('enough')
  expect(thread.busy).toBe(false)
  for (const turn of turns) turn.lost()
})

test('a pause asked for by the thread is over in its time, or when it is aborted', async () => {
  const { thread } = both()
  await thread.wait(5, never)
  const controller = new AbortController()
  const long = thread.wait(60_000, controller.signal)
  controller.abort(new Error('enough'))
  await expect(long).rejects.toThrow('enough')
  // It was the source's wish, whoever waits for it.
  expect(await free(thread)).toBe(false)
})

test('calls of a thread that is gone are lost: the host does not wait for their answers', async () => {
  const quota = { remaining: 1, resetMs: 60_000 }
  const { host, thread, leave } = both()
  const first = await thread.of(address).turn(never)
  first.taken(quota)
  // The one call that is left is on its way, and nobody will say what became of it.
  await thread.of(address).turn(never)
  leave()
  await expect(host.of(address).turn(AbortSignal.timeout(50), { longestHoldMs: 10 })).rejects.toBeDefined()
  expect(host.busy).toBe(false)
})
