import { lookup as systemLookup } from 'node:dns/promises'
import type { LookupFunction } from 'node:net'
import type { Agent } from 'undici'
import { type Audience, bare, createPolicy, EgressError, neverAllowed, type Policy } from './policy.ts'

export interface Address {
  readonly address: string
  readonly family: number
}

/** Finds the addresses of a name; those that the operating system would, unless told. */
export type Resolver = (hostname: string) => Promise<readonly Address[]>

export interface EgressOptions {
  /** The address this host listens on. */
  readonly host: string
  /** CIDRs, from `CX_EGRESS_ALLOW`. */
  readonly allow?: readonly string[]
  readonly resolve?: Resolver
}

/** Connections to the outside, kept to what is allowed. */
export interface Egress {
  /** For connectors: public and private addresses. Rejects with {@link EgressError}. */
  readonly fetch: typeof globalThis.fetch
  /** For outbound webhooks: public addresses. Rejects with {@link EgressError}. */
  readonly webhookFetch: typeof globalThis.fetch
  /** For connections that are not made by `fetch`: finds the addresses of a name that connectors may connect to. */
  readonly lookup: LookupFunction
  /** For what is known before a connection: a name, or an address that nobody looks up. @throws EgressError */
  checkHost(hostname: string, port?: number): Promise<void>
  close(): Promise<void>
}

const everyAddress: Resolver = (hostname) => systemLookup(hostname, { all: true })

/** Makes the guarded ways out. */
export function createEgress({ host, allow = [], resolve = everyAddress }: EgressOptions): Egress {
  const loopback = isLoopback(host)
  const policyOf = (audience: Audience) => createPolicy({ audience, loopback, allow })
  const connectors = policyOf('connector')
  const agents: Promise<Agent>[] = []
  const fetchBy = (policy: Policy) => {
    let agent: Promise<Agent> | undefined
    return guardedFetch(() => {
      if (agent === undefined) {
        agent = createAgent(policy, resolve)
        agents.push(agent)
      }
      return agent
    })
  }
  return {
    fetch: fetchBy(connectors),
    webhookFetch: fetchBy(policyOf('webhook')),
    lookup: createLookup(connectors, resolve),
    checkHost: async (hostname, port) => {
      const where = port === undefined ? hostname : `${hostname}:${port}`
      // A path is a Unix socket: this machine, under another name.
      refuse(where, connectors.refuseName(hostname.startsWith('/') ? '127.0.0.1' : hostname))
      const found = await resolve(bare(hostname)).catch(() => [])
      // All of them: whoever connects looks the name up again, and takes any.
      for (const { address } of found) refuse(where, connectors.refuseAddress(address))
    },
    close: async () => {
      await Promise.all(agents.map(async (agent) => (await agent).destroy()))
    },
  }
}

function isLoopback(host: string): boolean {
  const name = bare(host)
  return name === 'localhost' || name === '::1' || /^127\./.test(name)
}

/**
 * Checks where each new connection goes, by the very addresses that it is made to: a name that answers differently
 * the next time changes nothing, and a redirect is a connection like any other.
 */
async function createAgent(policy: Policy, resolve: Resolver): Promise<Agent> {
  // Loaded when it is first needed: a tenth of a second that a start need not wait for.
  const { Agent, buildConnector } = await import('undici')
  const connect = buildConnector({ lookup: createLookup(policy, resolve), timeout: 10_000 })
  return new Agent({
    connect: (options, callback) => {
      // Addresses are connected to without being looked up.
      const reason = policy.refuseName(options.hostname)
      if (reason !== undefined) callback(new EgressError(sentence(options.hostname, reason)), null)
      else connect(options, callback)
    },
  })
}

/** Finds only what may be connected to; a name without any such address is refused. */
function createLookup(policy: Policy, resolve: Resolver): LookupFunction {
  return (hostname, options, callback) => {
    const reason = policy.refuseName(hostname)
    if (reason !== undefined) return callback(new EgressError(sentence(hostname, reason)), '', 0)
    resolve(hostname).then(
      (found) => {
        const wanted = found.filter(({ family }) => !options.family || family === familyOf(options.family))
        const allowed = wanted.filter(({ address }) => policy.refuseAddress(address) === undefined)
        const first = allowed[0]
        if (first === undefined) callback(denied(hostname, policy, wanted), '', 0)
        else if (options.all) callback(null, [...allowed])
        else callback(null, first.address, first.family)
      },
      (error: NodeJS.ErrnoException) => callback(error, '', 0),
    )
  }
}

function familyOf(family: number | string): number {
  return typeof family === 'number' ? family : Number(family.slice(3))
}

function denied(hostname: string, policy: Policy, found: readonly Address[]): Error {
  const reason = found.map(({ address }) => policy.refuseAddress(address)).find(Boolean)
  return reason === undefined
    ? Object.assign(new Error(`${hostname} has no address.`), { code: 'ENOTFOUND' })
    : new EgressError(sentence(hostname, reason))
}

function refuse(where: string, reason: string | undefined): void {
  if (reason !== undefined) throw new EgressError(sentence(where, reason))
}

function sentence(where: string, reason: string): string {
  const remedy = neverAllowed.test(reason) ? '' : ' An operator can allow addresses with CX_EGRESS_ALLOW.'
  return `${where} cannot be connected to from here: ${reason}.${remedy}`
}

/** The global `fetch`, so that its classes are the ones everyone has, through the agent. */
function guardedFetch(agent: () => Promise<Agent>): typeof globalThis.fetch {
  return async (input, init) => {
    try {
      return await fetch(input, { ...init, dispatcher: await agent() } as unknown as RequestInit)
    } catch (error) {
      // Otherwise it is the cause of the cause of "fetch failed".
      throw causeOf(error) ?? error
    }
  }
}

function causeOf(error: unknown): EgressError | undefined {
  for (let current = error, depth = 0; current instanceof Error && depth < 5; current = current.cause, depth++) {
    if (current instanceof EgressError) return current
    if (current instanceof AggregateError) {
      const inner = current.errors.map(causeOf).find(Boolean)
      if (inner) return inner
    }
  }
  return undefined
}
