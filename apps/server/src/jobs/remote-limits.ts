import { ConnectorError } from '@cx/core'
import { abortable, type RateLimit, type RateLimits, type Turn, type TurnOptions, type Turns } from '@cx/core/engine'
import type { BirpcReturn } from 'birpc'
import type { HostFunctions } from './jobs.ts'

type Host = Pick<
  BirpcReturn<HostFunctions, Record<string, never>>,
  'turn' | 'taken' | 'refused' | 'lost' | 'hold' | 'wait'
>

/** In the thread of the jobs: the rate limits that the host keeps. */
export function remoteRateLimits(host: Host): RateLimits {
  const known = new Map<string, RateLimit>()
  let ids = 0
  const make = (connectorId: string, type: string): RateLimit => {
    let waiting = 0
    /** Waits for the host's answer, or for the abort, which the host is told of. */
    const ask = async <T>(signal: AbortSignal, question: (id: number) => Promise<T>): Promise<readonly [number, T]> => {
      signal.throwIfAborted()
      const id = ++ids
      const leave = () => void host.lost.asEvent(id)
      signal.addEventListener('abort', leave, { once: true })
      try {
        return [id, await abortable(question(id), signal)]
      } finally {
        signal.removeEventListener('abort', leave)
      }
    }
    const turns = (url: string): Turns => ({
      turn: async (signal, { again = false, longestHoldMs = Number.POSITIVE_INFINITY }: TurnOptions = {}) => {
        waiting++
        try {
          const [id, held] = await ask(signal, (id) =>
            host.turn({ id, connectorId, type }, url, { again, longestHoldMs }),
          )
          if (held)
            throw new ConnectorError('rate_limited', 'The source asked for a pause before the next call.', {
              retryAfterMs: held.heldMs,
            })
          return {
            taken: (quota) => void host.taken.asEvent(id, quota),
            refused: (waitMs) => void host.refused.asEvent(id, waitMs),
            lost: () => void host.lost.asEvent(id),
          } satisfies Turn
        } finally {
          waiting--
        }
      },
      hold: (ms) => void host.hold.asEvent({ connectorId, type }, url, ms),
    })
    return {
      of: (url) => turns(url.href),
      wait: async (ms, signal) => {
        await ask(signal, (id) => host.wait({ id, connectorId, type }, ms))
      },
      get busy() {
        return waiting > 0
      },
    }
  }
  return {
    of: (connectorId, { name }) => {
      let limit = known.get(connectorId)
      if (!limit) {
        limit = make(connectorId, name)
        known.set(connectorId, limit)
      }
      return limit
    },
  }
}
