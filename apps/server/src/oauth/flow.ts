import { randomBytes } from 'node:crypto'
import type { Json } from '@cx/core'
import type { Connector } from '@cx/store'
import type { Caller } from '../access.ts'
import { createConnector, type NewConnectorBody } from '../connectors.ts'
import { ApiError, conflict, invalid } from '../http/errors.ts'
import { audit, type Services } from '../services.ts'
import { failureOfCode, OAuthFailure } from './failure.ts'
import { authorizationAddress, exchangeCode, missingScopes, newVerifier } from './protocol.ts'
import { noClient, oauthMethod, ownClient, type Provider, resolveProvider, settingName } from './provider.ts'
import { refuseOtherTenant } from './same-tenant.ts'
import { hintsOf, storedTokens, tokensIn } from './tokens.ts'

const stateMs = 10 * 60_000

/** The body of POST /oauth/init, checked. */
export interface BeginRequest {
  readonly connectorId?: string
  readonly provider?: string
  readonly connector?: Omit<NewConnectorBody, 'type' | 'credentials'>
  /** Which way in, where the connector type has several by OAuth. */
  readonly method?: string
  readonly returnUrl?: string
}

export interface Begun {
  readonly authUrl: string
  readonly state: string
  readonly expiresAt: string
}

/** What is kept, encrypted, until the provider sends the person back. */
interface Pending {
  readonly provider: string
  readonly method: string
  readonly caller: Caller
  readonly connectorId?: string
  readonly create?: NewConnectorBody
  readonly returnUrl?: string
  readonly redirectUri: string
  readonly verifier?: string
}

/** Begins an authorization. `origin` is where the caller reached this host. @throws ApiError */
export async function beginOAuth(
  services: Services,
  caller: Caller,
  { connectorId, provider, connector, method, returnUrl }: BeginRequest,
  origin: string,
): Promise<Begun> {
  const { plugins, sight, settings, vault } = services
  const base = settings.publicUrl ?? origin
  checkReturn(returnUrl, [new URL(base).origin, ...settings.oauthReturnOrigins])
  const existing = connectorId === undefined ? undefined : await sight.connector(caller, connectorId)
  const type = existing?.type ?? provider ?? ''
  const plugin = await plugins.get(type)
  if (!plugin)
    throw new ApiError(
      'unsupported_operation',
      `The plugin for ${JSON.stringify(type)} is not loaded. GET /connector-types shows what is.`,
    )
  const auth = oauthMethod(plugin, method)
  if (!auth)
    throw new ApiError(
      'unsupported_operation',
      method === undefined
        ? `${plugin.title} is not connected by OAuth: put its credentials into POST or PUT /connectors.`
        : `${plugin.title} has no way in by OAuth that is called ${JSON.stringify(method)}.`,
    )
  const redirectUri = `${base}/api/v1/oauth/callback/${plugin.name}`
  const own = connector?.oauthClient ?? (existing && (await ownClient(services, existing.id)))
  const resolved = refusing(() =>
    resolveProvider(plugin, auth, {
      deployment: settings.oauthClients[settingName(type)],
      own: own ?? undefined,
      config: existing?.config ?? connector?.config,
    }),
  )
  if (!resolved) throw conflict('oauth_client_missing', noClient(plugin, redirectUri))
  const verifier = newVerifier(resolved)
  const state = randomBytes(32).toString('base64url')
  const expiresAt = Date.now() + stateMs
  const pending: Pending = {
    provider: plugin.name,
    method: auth[0],
    caller,
    ...(existing ? { connectorId: existing.id } : { create: { ...connector!, type } }),
    ...(returnUrl !== undefined && { returnUrl }),
    redirectUri,
    ...(verifier !== undefined && { verifier }),
  }
  await vault.lend(state, pending as unknown as Json, expiresAt)
  return {
    authUrl: await authorizationAddress(resolved, { redirectUri, state, ...(verifier !== undefined && { verifier }) }),
    state,
    expiresAt: new Date(expiresAt).toISOString(),
  }
}

/** What stands in the connector's settings is the caller's to correct. */
function refusing<T>(resolve: () => T): T {
  try {
    return resolve()
  } catch (error) {
    if (error instanceof OAuthFailure) throw conflict(error.code, error.message)
    throw error
  }
}

function checkReturn(returnUrl: string | undefined, origins: readonly string[]): void {
  if (returnUrl === undefined) return
  const known = URL.canParse(returnUrl) && origins.includes(new URL(returnUrl).origin)
  if (!known)
    throw invalid([
      {
        path: '/returnUrl',
        message: `must lead to one of ${origins.join(', ')}; an operator adds origins with CX_OAUTH_RETURN_ORIGINS`,
      },
    ])
}

/** How an authorization ended, to be shown to the person or told to where they are sent back. */
export type Outcome = { readonly returnUrl?: string; readonly title: string } & (
  | {
      readonly ok: true
      readonly connectorId: string
      readonly name: string
      /** Asked for, and left out by the person or the provider. */
      readonly notGranted: readonly string[]
    }
  | { readonly ok: false; readonly code: string; readonly message: string; readonly connectorId?: string }
)

/** Ends an authorization: the person comes back from the provider. Never throws what the person has to be told. */
export async function finishOAuth(
  services: Services,
  providerName: string,
  query: Readonly<Record<string, string>>,
): Promise<Outcome> {
  const { state = '', code, error, error_description } = query
  const pending = (await services.vault.redeem(state)) as unknown as Pending | undefined
  const plugin = await services.plugins.get(pending?.provider ?? '')
  if (!pending || pending.provider !== providerName || !plugin)
    return {
      ok: false,
      title: 'This link',
      code: 'invalid_state',
      message: 'This authorization was begun more than ten minutes ago, or was finished already. Begin again.',
    }
  const where = {
    title: plugin.title,
    ...(pending.returnUrl !== undefined && { returnUrl: pending.returnUrl }),
    ...(pending.connectorId !== undefined && { connectorId: pending.connectorId }),
  }
  try {
    if (error !== undefined || !code) throw failureOfCode(plugin.title, error ?? 'no code', error_description)
    const { connector, notGranted } = await complete(services, pending, code)
    return { ok: true, ...where, connectorId: connector.id, name: connector.name, notGranted }
  } catch (failure) {
    if (!(failure instanceof OAuthFailure || failure instanceof ApiError)) throw failure
    services.log.warn('An authorization did not succeed.', {
      provider: plugin.name,
      code: failure.code,
      reason: failure.message,
    })
    return { ok: false, ...where, code: failure.code, message: failure.message }
  }
}

interface Completed {
  readonly connector: Connector
  readonly notGranted: readonly string[]
}

async function complete(services: Services, pending: Pending, code: string): Promise<Completed> {
  const { store, vault, egress } = services
  const existing = pending.connectorId === undefined ? undefined : await store.getConnector(pending.connectorId)
  if (pending.connectorId !== undefined && !existing)
    throw new ApiError('not_found', 'The connector was deleted meanwhile. Make it again, then authorize it.')
  const provider = await providerOf(services, pending, existing)
  const { redirectUri, verifier } = pending
  const asked = Date.now()
  const tokens = await exchangeCode(
    provider,
    { code, redirectUri, ...(verifier !== undefined && { verifier }) },
    { fetch: egress.fetch },
  )
  const credentials = storedTokens(provider.method, tokens, asked)
  if (existing) await refuseOtherTenant(services, existing, provider, credentials)
  const connector = existing ?? (await createConnector(services, pending.caller, pending.create!))
  await vault.save(connector.id, credentials, hintsOf(tokensIn(credentials)!))
  const updated = await store.updateConnector(connector.id, { activated: true, lastError: null })
  await audit(services, pending.caller, 'connector.authorized', connector.id, { method: provider.method })
  return { connector: updated ?? connector, notGranted: missingScopes(provider.scopes, tokens.scope) }
}

/** As it is configured now: what was begun with a client that was replaced fails at the provider. */
async function providerOf(
  services: Services,
  { provider: type, method, ...pending }: Pending,
  existing: Connector | undefined,
): Promise<Provider> {
  const { plugins, settings } = services
  const plugin = await plugins.get(type)
  const auth = plugin && oauthMethod(plugin, method)
  const own =
    pending.connectorId === undefined ? pending.create?.oauthClient : await ownClient(services, pending.connectorId)
  const resolved =
    plugin &&
    auth &&
    resolveProvider(plugin, auth, {
      deployment: settings.oauthClients[settingName(type)],
      own: own ?? undefined,
      config: existing?.config ?? pending.create?.config,
    })
  if (!resolved) throw conflict('oauth_client_missing', plugin ? noClient(plugin) : `${type} is not loaded any more.`)
  return resolved
}
