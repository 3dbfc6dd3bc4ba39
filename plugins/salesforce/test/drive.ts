import type { Entry, Json } from '@cx/core'
import { openConnector } from '@cx/testing'
import salesforce from '../src/index.ts'
import { FakeSalesforce } from './fake/server.ts'

const token = '00D5g00000AbCdE!AQcAQTestAccessToken'

export interface OpenOptions {
  /** The organisation is found by signing in. */
  readonly discover?: boolean
  readonly config?: Readonly<Record<string, Json>>
  readonly credentials?: (options?: { readonly refused?: boolean }) => Promise<unknown>
}

interface Member {
  readonly type: string
  readonly id?: string
  readonly email?: string
}

/** A fake organisation and the connector's verbs over it, put away by `using`. */
export async function createWorld() {
  const fake = await new FakeSalesforce().start()
  fake.tokens.add(token)
  const { org } = fake
  const oauth = async () => ({ method: 'oauth', accessToken: token, extra: { instance_url: fake.url } })

  async function open({ config, credentials = oauth, discover = false }: OpenOptions = {}) {
    const opened = await openConnector(salesforce, {
      config: { objects: ['Account'], ...(!discover && { instanceUrl: fake.url }), ...config },
      credentials,
    })
    const { acls } = opened
    return Object.assign(opened, {
      /** Ids, or types where there is none, of each set. */
      async readers(entries: readonly Entry[]) {
        return new Map(
          [...(await acls(entries))].map(([id, { allOf }]) => [
            id,
            allOf.map((set) => set.map((one) => ('id' in one ? one.id : one.type))),
          ]),
        )
      },
      /** The e-mail addresses in a group, through the groups in it. */
      async people() {
        const groups = new Map((await opened.groups()).map(({ id, members }) => [id, members as readonly Member[]]))
        const members = (id: string, seen = new Set<string>()): string[] => {
          if (seen.has(id)) return []
          seen.add(id)
          const found = groups.get(id)
          if (!found) throw new Error(`Nobody lists ${id}.`)
          return found.flatMap((one) => (one.type === 'group' ? members(one.id!, seen) : [one.email ?? '']))
        }
        return (id: string) => [...new Set(members(id))].sort()
      },
    })
  }
  return { fake, org, open, [Symbol.asyncDispose]: () => fake.stop() }
}

/** The error that work ends with. */
export async function errorOf(
  work: Promise<unknown>,
): Promise<{ code: string; message: string; retryAfterMs?: number }> {
  return work.then(
    () => {
      throw new Error('It ended well.')
    },
    (error) => error,
  )
}
