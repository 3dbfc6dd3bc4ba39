import { isConnectorError } from '@cx/core'
import type { RateLimit, RateLimits, Turn } from '@cx/core/engine'
import type { Plugins } from '../plugins.ts'
import type { HostFunctions, Waiting } from './jobs.ts'

type Served = Pick<HostFunctions, 'turn' | 'taken' | 'refused' | 'lost' | 'hold' | 'wait'>

/** In the host: what one thread of jobs asks of its rate limits. `leave` when the thread is gone: its calls are lost. */
export function serveLimits(limits: RateLimits, plugins: Plugins): Served & { leave(): void } {
  /** Waits and calls of the thread, and how each is given up. */
  const open = new Map<number, Turn | AbortController>()
  const limitOf = async ({ connectorId, type }: Omit<Waiting, 'id'>): Promise<RateLimit> => {
    const plugin = await plugins.get(type)
    if (!plugin) throw new Error(`The plugin for "${type}" is not loaded.`)
    return limits.of(connectorId, plugin)
  }
  const waitUnder = async (id: number, work: (signal: AbortSignal) => Promise<void>): Promise<void> => {
    const controller = new AbortController()
    open.set(id, controller)
    try {
      await work(controller.signal)
    } catch (error) {
      // Nobody waits for the answer then.
      if (!controller.signal.aborted) throw error
    } finally {
      if (open.get(id) === controller) open.delete(id)
    }
  }
  const end = (id: number, how: (turn: Turn) => void) => {
    const one = open.get(id)
    open.delete(id)
    if (one instanceof AbortController) one.abort()
    else if (one) how(one)
  }
  return {
    turn: async (waiting, url, options) => {
      let held: { readonly heldMs: number } | undefined
      await waitUnder(waiting.id, async (signal) => {
        const limit = await limitOf(waiting)
        try {
          open.set(waiting.id, await limit.of(new URL(url)).turn(signal, options))
        } catch (error) {
          if (!isConnectorError(error)) throw error
          held = { heldMs: error.retryAfterMs ?? 0 }
        }
      })
      return held
    },
    taken: (id, quota) => end(id, (turn) => turn.taken(quota)),
    refused: (id, waitMs) => end(id, (turn) => turn.refused(waitMs)),
    lost: (id) => end(id, (turn) => turn.lost()),
    hold: async (of, url, ms) => {
      const limit = await limitOf(of)
      limit.of(new URL(url)).hold(ms)
    },
    wait: (waiting, ms) => waitUnder(waiting.id, async (signal) => (await limitOf(waiting)).wait(ms, signal)),
    leave: () => {
      for (const id of [...open.keys()]) end(id, (turn) => turn.lost())
    },
  }
}
