import { ConnectorError, type Credentials, isConnectorError } from '@cx/core'
import { createHttp } from '@cx/core/http'
import type { auth, ConfluenceConnection } from './auth.ts'
import { Client } from './client.ts'
import { Cloud } from './cloud.ts'
import { atlassianGateway } from './config.ts'
import { DataCenter } from './data-center.ts'
import { toMember, type UserJson } from './search.ts'
import type { Member, Wiki } from './wiki.ts'

/** One Confluence, and who we are there. */
export interface Site {
  readonly wiki: Wiki
  /** What addresses for people begin with. */
  readonly web: string
  readonly me: Member
  /** The cloud id of the site; the address and, where it tells one, the id of a server. Undefined while it is not told. */
  readonly tenant: string | undefined
  /** What a sign-in was granted, where Atlassian tells. */
  readonly scopes?: readonly string[]
}

interface ServerInformation {
  readonly version?: string
  readonly serverId?: string
}

interface Address {
  /** Without context path of the cloud product. */
  readonly root: string
  readonly atlassian: boolean
}

/**
 * Finds out what is behind the address and who these credentials are.
 *
 * @throws ConnectorError `unauthenticated` when Confluence takes us for an anonymous visitor: it answers 200 then, with
 * what is public, and everything else would be taken for deleted.
 */
export async function openSite(connection: ConfluenceConnection, signal: AbortSignal): Promise<Site> {
  const credentials = await connection.credentials()
  const address = addressOf(connection.config.instanceUrl)
  const server = await serverOf(connection, credentials, address, signal)
  if (server === undefined) return openCloud(connection, credentials, address, signal)
  const client = new Client(connection, address.root)
  const me = await whoAmI(client, signal)
  return {
    wiki: new DataCenter(client),
    web: address.root,
    me,
    tenant: server.serverId ? `${address.root}#${server.serverId}` : address.root,
  }
}

function addressOf(instanceUrl: string): Address {
  const url = new URL(instanceUrl)
  const atlassian = /\.(atlassian\.net|atlassian-us-gov-mod\.net|jira-dev\.com)$/.test(url.hostname)
  // People paste the address of a page.
  return { root: atlassian ? url.origin : `${url.origin}${url.pathname.replace(/\/+$/, '')}`, atlassian }
}

/** What a Data Center tells of itself; undefined for Cloud. */
async function serverOf(
  connection: ConfluenceConnection,
  { method }: Credentials<typeof auth>,
  { root, atlassian }: Address,
  signal: AbortSignal,
): Promise<ServerInformation | undefined> {
  const { deployment, apiUrl } = connection.config
  if (deployment === 'cloud') return undefined
  if (deployment === 'auto' && (atlassian || (method === 'oauth' && apiUrl !== atlassianGateway))) return undefined
  try {
    const told = await new Client(connection, root).json<ServerInformation>('rest/api/server-information', { signal })
    if (told.version !== undefined) return told
  } catch (error) {
    if (!isConnectorError(error) || error.code !== 'not_found') throw error
  }
  // Older lines do not have the call.
  return deployment === 'data_center' || method === 'pat' || method === 'basic' ? {} : undefined
}

async function openCloud(
  connection: ConfluenceConnection,
  { method }: Credentials<typeof auth>,
  { root, atlassian }: Address,
  signal: AbortSignal,
): Promise<Site> {
  const { apiUrl, deployment } = connection.config
  const web = root.endsWith('/wiki') ? root : `${root}/wiki`
  const gateway = (cloudId: string) => new Client(connection, `${apiUrl}/ex/confluence/${cloudId}/wiki`)
  const open = async (client: Client, cloudId: string | undefined): Promise<Site> => {
    const me = await whoAmI(client, signal)
    return { wiki: new Cloud(client), web, me, tenant: cloudId ?? (await cloudIdOf(connection, web, signal)) }
  }
  if (method === 'oauth' && (atlassian || deployment === 'cloud' || apiUrl !== atlassianGateway)) {
    const { id, scopes } = await grantedSite(connection, web, signal)
    return { ...(await open(gateway(id), id)), ...(scopes?.length && { scopes }) }
  }
  try {
    return await open(new Client(connection, web), undefined)
  } catch (error) {
    // Tokens with scopes are good at the gateway alone.
    const unknown = isConnectorError(error) && error.code === 'unauthenticated'
    if (!unknown || method !== 'api_token' || !(atlassian || apiUrl !== atlassianGateway)) throw error
    const cloudId = await cloudIdOf(connection, web, signal)
    if (cloudId === undefined) throw error
    return open(gateway(cloudId), cloudId)
  }
}

async function whoAmI(client: Client, signal: AbortSignal): Promise<Member> {
  const user = await client.json<UserJson>('rest/api/user/current', { signal }).catch((error: unknown) => {
    if (!isConnectorError(error) || error.code !== 'not_found') throw error
    throw new ConnectorError('misconfigured', `There is no Confluence at ${client.baseUrl}.`, {
      remediation: 'Correct `instanceUrl`: the address of the site, and for Data Center its context path.',
    })
  })
  const me = toMember(user)
  if (user.type !== 'anonymous' && me.id !== '') return me
  throw new ConnectorError('unauthenticated', 'Confluence takes these credentials for an anonymous visitor.', {
    remediation: 'Check the e-mail or user name and the token, and that basic authentication is allowed.',
  })
}

/** The id of the site behind an address; anyone may ask. */
async function cloudIdOf(
  { fetch }: ConfluenceConnection,
  web: string,
  signal: AbortSignal,
): Promise<string | undefined> {
  const http = createHttp({ fetch, baseUrl: new URL(web).origin, vendor: 'Confluence' })
  try {
    return (await http.json<{ cloudId?: string }>('_edge/tenant_info', { signal })).cloudId
  } catch (error) {
    if (signal.aborted || !isConnectorError(error) || error.code === 'rate_limited') throw error
    // Another tenant than the pinned one would stop the sync: what is not known is not made up.
    return undefined
  }
}

/** https://developer.atlassian.com/cloud/confluence/oauth-2-3lo-apps/#3-1-get-the-cloudid-for-your-site */
interface GrantedSite {
  readonly id: string
  readonly url: string
  readonly scopes?: readonly string[]
}

/** The site that was granted and has our address; a grant may name several. */
async function grantedSite(connection: ConfluenceConnection, web: string, signal: AbortSignal): Promise<GrantedSite> {
  const gateway = new Client(connection, connection.config.apiUrl)
  const sites = await gateway.json<readonly GrantedSite[]>('oauth/token/accessible-resources', { signal })
  const { host } = new URL(web)
  const site = sites.find(({ url }) => new URL(url).host === host)
  if (site) return site
  const others = sites.map(({ url }) => url).join(', ')
  throw new ConnectorError(
    'misconfigured',
    `The sign-in does not cover ${host}${others === '' ? '' : `, but ${others}`}.`,
    { remediation: 'Correct `instanceUrl`, or sign in again and choose this site.' },
  )
}
