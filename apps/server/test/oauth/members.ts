import { capabilities } from '../../../../plugins/notion/test/fake-notion.ts'
import type { Stand } from '../sources/life.ts'
import { confluenceStand } from '../sources/stands/confluence.ts'
import { githubStand } from '../sources/stands/github.ts'
import { driveStand } from '../sources/stands/google-drive.ts'
import { notionStand } from '../sources/stands/notion.ts'
import { salesforceStand } from '../sources/stands/salesforce.ts'
import { slackStand } from '../sources/stands/slack.ts'
import type { Vendor } from './front.ts'
import { atlassian, github, google, notion, salesforce, slack, withheld } from './vendors.ts'

/** A source together with the sign-in of its vendor. */
export interface Member {
  readonly stand: Stand
  /** Where the source looks tokens up. */
  readonly known: Map<string, unknown> | Set<string>
  /** How a token stands there. */
  readonly key: (token: string) => string
  /** From now on the token is good for what was asked for, and nothing else. */
  readonly accept: (token: string, scopes: readonly string[]) => unknown
  /** Whose account people sign in with from now on. */
  readonly setOther: (isOther: boolean) => void
  readonly config: Readonly<Record<string, unknown>>
  /** Its API is at the sign-in host. */
  readonly api?: string
}

export interface Membership {
  readonly vendor: Vendor
  /** Which token a deletion ends at the vendor. */
  readonly ends: 'access' | 'refresh' | 'none'
  /** All its accounts are of one tenant. */
  readonly isOneTenant?: boolean
  readonly open: () => Promise<Member>
}

const asIs = (token: string) => token

export const memberships: readonly Membership[] = [
  {
    vendor: google,
    ends: 'refresh',
    open: async () => {
      const stand = await driveStand()
      const { drive } = stand
      let email = 'ann@example.com'
      return {
        stand,
        known: drive.tokens,
        key: asIs,
        accept: (token, scopes) =>
          drive.token(
            token,
            scopes.filter((scope) => !withheld.has(scope)),
            email,
          ),
        setOther: (isOther) => {
          email = isOther ? 'eve@elsewhere.example' : 'ann@example.com'
        },
        config: stand.config,
      }
    },
  },
  {
    vendor: atlassian,
    ends: 'none',
    open: async () => {
      const stand = await confluenceStand('cloud')
      const { fake } = stand
      fake.granted = [{ id: fake.cloudId, url: fake.url }]
      return {
        stand,
        known: fake.grants,
        key: (token) => `Bearer ${token}`,
        accept: (token, scopes) => fake.grants.set(`Bearer ${token}`, { user: 'u-ada', scopes }),
        setOther: (isOther) => {
          fake.cloudId = isOther ? 'cloud-2' : 'cloud-1'
          fake.granted = [{ id: fake.cloudId, url: fake.url }]
        },
        config: { ...stand.config, apiUrl: fake.url },
      }
    },
  },
  {
    vendor: slack,
    ends: 'access',
    open: async () => {
      const stand = await slackStand()
      return {
        stand,
        known: stand.slack.tokens,
        key: asIs,
        accept: (token, scopes) => stand.slack.tokens.set(token, { scopes: [...scopes] }),
        setOther: (isOther) => {
          stand.slack.teamId = isOther ? 'T0OTHER001' : 'T0ACME0001'
        },
        config: stand.config,
      }
    },
  },
  {
    vendor: notion,
    ends: 'access',
    open: async () => {
      const stand = await notionStand()
      const own = stand.notion.workspaceId
      return {
        stand,
        known: stand.notion.tokens,
        key: asIs,
        accept: (token) => stand.notion.tokens.set(token, capabilities),
        setOther: (isOther) => {
          stand.notion.workspaceId = isOther ? '22222222-0000-4000-8000-000000000002' : own
        },
        config: stand.config,
      }
    },
  },
  {
    vendor: salesforce,
    ends: 'refresh',
    open: async () => {
      const stand = await salesforceStand()
      const { fake } = stand
      const { org } = fake
      const { instanceUrl: _, ...config } = stand.config
      return {
        stand,
        known: fake.tokens,
        key: asIs,
        accept: (token) => fake.tokens.add(token),
        setOther: (isOther) => {
          org.table('Organization').clear()
          org.insertAs(isOther ? '00D5g00000ZzZzZEAV' : org.id, 'Organization', { Name: 'Acme', IsSandbox: false })
        },
        config,
        api: fake.url,
      }
    },
  },
  {
    vendor: github,
    ends: 'none',
    isOneTenant: true,
    open: async () => {
      const stand = await githubStand()
      return {
        stand,
        known: stand.hub.tokens,
        key: asIs,
        accept: (token) => stand.hub.tokens.set(token, 'ann'),
        setOther: () => {},
        config: stand.config,
      }
    },
  },
]
