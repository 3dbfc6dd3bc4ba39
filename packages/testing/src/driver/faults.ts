/** What can go wrong on the way to a source, whatever the vendor. */
export type Fault =
  /** 429; `retryAfter` is the header's value, in seconds or as an HTTP date. */
  | { readonly kind: 'rate_limited'; readonly retryAfter: string }
  /** 503 without a word on when to come back. */
  | { readonly kind: 'unavailable' }
  /** 401: the credentials stopped working. */
  | { readonly kind: 'unauthenticated' }
  /** 403. */
  | { readonly kind: 'forbidden' }
  /** 404. */
  | { readonly kind: 'not_found' }
  /** The connection dies before an answer. */
  | { readonly kind: 'drop' }
  /** The answer's body dies half-way. */
  | { readonly kind: 'cut' }
  /** No answer, until the caller gives up. */
  | { readonly kind: 'hang' }
  /** The answer comes late. */
  | { readonly kind: 'slow'; readonly ms: number }

export type FaultKind = Fault['kind']

/** One call that reached the source. */
export interface SourceCall {
  /** Epoch milliseconds. */
  readonly at: number
  readonly fault?: FaultKind
  /** When a fault was answered. */
  answeredAt?: number
}

/** Which calls meet a fault, counted from the moment of `inject`: 1 is the next one. Both ends are included. */
export interface FaultRange {
  readonly from: number
  readonly to: number
}

/** The kit's hand on a source: it counts the calls and lets chosen ones go wrong. */
export interface Faults {
  /** The faults it can bring about; a law that needs another one is not applicable. */
  readonly supports: readonly FaultKind[]
  /** Every call so far, in order. */
  calls(): readonly SourceCall[]
  inject(fault: Fault, range: FaultRange): void
  /** Forgets all faults; calls that hang stay as they are. */
  clear(): void
}

export const everyFault: readonly FaultKind[] = [
  'rate_limited',
  'unavailable',
  'unauthenticated',
  'forbidden',
  'not_found',
  'drop',
  'cut',
  'hang',
  'slow',
]

export interface FaultGate extends Faults {
  /** Call it once for each call that arrives; what it returns must be brought about. */
  arrive(): { readonly call: SourceCall; readonly fault: Fault | undefined }
}

/** The bookkeeping behind {@link Faults}, for a stand-in of your own: ask it at every call what to do. */
export function createFaultGate(supports: readonly FaultKind[] = everyFault): FaultGate {
  const calls: SourceCall[] = []
  let armed: { readonly fault: Fault; readonly from: number; readonly to: number }[] = []
  return {
    supports,
    calls: () => calls,
    inject(fault, { from, to }) {
      armed.push({ fault, from: calls.length + from, to: calls.length + to })
    },
    clear() {
      armed = []
    },
    arrive() {
      const number = calls.length + 1
      const fault = armed.find((one) => number >= one.from && number <= one.to)?.fault
      const call: SourceCall = { at: Date.now(), ...(fault === undefined ? {} : { fault: fault.kind }) }
      calls.push(call)
      return { call, fault }
    },
  }
}

/** The status a fault is answered with, where it is answered at all. */
export const faultStatus: Readonly<Partial<Record<FaultKind, number>>> = {
  rate_limited: 429,
  unavailable: 503,
  unauthenticated: 401,
  forbidden: 403,
  not_found: 404,
}

/** Waits; rejects with the signal's reason when aborted. */
export function pause(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason)
    const onAbort = () => {
      clearTimeout(timer)
      reject(signal?.reason)
    }
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', onAbort)
      resolve()
    }, ms)
    signal?.addEventListener('abort', onAbort, { once: true })
  })
}
