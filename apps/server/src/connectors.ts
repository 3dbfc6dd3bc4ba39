import type { Json, SourceConnector } from '@cx/core'
import { type CheckedCredentials, validateConfig, validateCredentials } from '@cx/core/engine'
import type { Connector, StoredCredentials } from '@cx/store'
import type { Caller } from './access.ts'
import { keepConfigSecrets, splitConfig, wholeConfig } from './config-secrets.ts'
import { setHookSecret } from './hooks/secret.ts'
import { ApiError, asAnswer, type Detail, invalid, notFound } from './http/errors.ts'
import type { OAuthClient } from './oauth/provider.ts'
import { prepareRevocation } from './oauth/revoke.ts'
import { checkSchedule } from './schedules/cron.ts'
import { audit, needsReauthorization, type Services } from './services.ts'

const defaultMaxFileBytes = 100 * 1024 * 1024

/** What POST and PUT share. */
interface ConnectorSettings {
  readonly credentials?: Readonly<Record<string, unknown>>
  readonly oauthClient?: OAuthClient | null
  readonly webhookSecret?: string | null
  readonly enabled?: boolean
  readonly schedule?: string | null
  readonly timezone?: string
  readonly limits?: { readonly maxFileBytes?: number }
}

/** The body of POST /connectors. */
export interface NewConnectorBody extends ConnectorSettings {
  readonly name: string
  readonly type: string
  readonly collection: string
  readonly config: Readonly<Record<string, unknown>>
}

/** The body of PUT /connectors/{id}. */
export type ConnectorPatchBody = ConnectorSettings & Partial<NewConnectorBody>

type Values = Readonly<Record<string, Json>>

const under = (base: string, problems: readonly Detail[]): Detail[] =>
  problems.map(({ path, message }) => ({ path: base + path, message }))

/** What is wrong with a new connector beyond the shape of the request. */
export async function checkNew({ plugins }: Services, body: unknown): Promise<readonly Detail[]> {
  if (typeof body !== 'object' || body === null) return []
  const { type, config, credentials, oauthClient, webhookSecret, schedule, timezone } = body as Record<string, unknown>
  const problems = checkSchedule(schedule, timezone)
  if (typeof type !== 'string') return problems
  const plugin = await plugins.get(type)
  if (!plugin) {
    const known = [...(await plugins.all()).keys()].map((one) => JSON.stringify(one)).join(', ')
    return [
      ...problems,
      { path: '/type', message: `must be a connector type of this server: ${known || 'none is loaded'}` },
    ]
  }
  const checkedConfig = isObject(config) ? validateConfig(plugin, config) : undefined
  if (checkedConfig?.ok === false) problems.push(...under('/config', checkedConfig.errors))
  if (oauthClient) problems.push(...checkClient(plugin))
  if (webhookSecret) problems.push(...checkHook(plugin))
  if ((credentials === undefined && !waitsForOAuth(plugin)) || isObject(credentials)) {
    const checked = validateCredentials(plugin, credentials)
    if (!checked.ok) problems.push(...under('/credentials', checked.errors))
  }
  return problems
}

/** Stores a checked connector with its credentials. */
export async function createConnector(services: Services, caller: Caller, body: NewConnectorBody): Promise<Connector> {
  const { store, vault, plugins } = services
  const plugin = (await plugins.get(body.type))!
  const config = validateConfig(plugin, body.config)
  if (!config.ok) throw invalid(under('/config', config.errors))
  const credentials = validateCredentials(plugin, body.credentials)
  const { open, secret } = splitConfig(plugin, config.value)
  const connector = await store.createConnector({
    name: body.name,
    type: body.type,
    collectionId: await collectionFor(services, caller, body.collection),
    config: open,
    enabled: body.enabled ?? true,
    activated: credentials.ok,
    schedule: body.schedule ?? null,
    timezone: body.timezone ?? 'UTC',
    limits: { maxFileBytes: body.limits?.maxFileBytes ?? defaultMaxFileBytes },
  })
  try {
    await keepConfigSecrets(vault, connector.id, secret)
    if (body.credentials !== undefined && credentials.ok) await vault.save(connector.id, stored(credentials.value))
    if (body.oauthClient) await vault.put(connector.id, 'oauthClient', { ...body.oauthClient })
    if (body.webhookSecret) await setHookSecret(services, connector.id, body.webhookSecret)
  } catch (error) {
    await store.deleteConnector(connector.id)
    throw error
  }
  await audit(services, caller, 'connector.created', connector.id, { name: body.name, type: body.type })
  return (await store.getConnector(connector.id)) ?? connector
}

/** An existing collection by id or name; one that does not exist is made, unless it is an id or the key is limited. */
async function collectionFor(services: Services, caller: Caller, idOrName: string): Promise<string> {
  const { store, sight } = services
  const found = await store.collection(idOrName)
  if (found || caller.collections !== null || /^col_[0-9a-z]{20,}$/i.test(idOrName))
    return (await sight.collection(caller, idOrName)).id
  const made = await store
    .createCollection({ name: idOrName, description: '', embedding: null })
    .catch((error: unknown) => {
      if (asAnswer(error)?.code === 'conflict') return undefined
      throw error
    })
  // Another request was quicker.
  if (!made) return (await sight.collection(caller, idOrName)).id
  await audit(services, caller, 'collection.created', made.id, { name: idOrName })
  return made.id
}

/** A checked change, ready to be stored. */
export interface Change {
  readonly patch: Parameters<Services['store']['updateConnector']>[1]
  readonly configSecrets?: Values
  readonly credentials?: StoredCredentials
  readonly oauthClient?: OAuthClient | null
  readonly webhookSecret?: string | null
}

/** Merges a partial update and checks the whole. @throws ApiError with everything that is wrong. */
export async function checkPatch(services: Services, connector: Connector, body: ConnectorPatchBody): Promise<Change> {
  const { type, collection, config, credentials, oauthClient, webhookSecret, name, enabled, timezone, limits } = body
  const schedule = body.schedule
  const problems = checkSchedule(schedule ?? (timezone && connector.schedule), timezone ?? connector.timezone)
  if (type !== undefined && type !== connector.type)
    problems.push({ path: '/type', message: 'cannot change: create another connector' })
  if (collection !== undefined && (await services.store.collection(collection))?.id !== connector.collectionId)
    problems.push({ path: '/collection', message: 'cannot change: create another connector' })
  const plugin = await services.plugins.get(connector.type)
  if (!plugin && (config || credentials || oauthClient))
    throw new ApiError(
      'unsupported_operation',
      `The plugin for "${connector.type}" is not loaded, so its settings cannot be checked. Name it in CX_PLUGINS.`,
    )
  if (plugin && oauthClient) problems.push(...checkClient(plugin))
  if (plugin && webhookSecret) problems.push(...checkHook(plugin))
  const merged = config ? { ...(await wholeConfig(services.vault, connector)), ...(config as Values) } : {}
  const checkedConfig =
    plugin && config
      ? validateConfig(plugin, Object.fromEntries(Object.entries(merged).filter(([, value]) => value !== null)))
      : undefined
  if (checkedConfig?.ok === false) problems.push(...under('/config', checkedConfig.errors))
  const checkedCredentials = plugin && credentials ? validateCredentials(plugin, credentials) : undefined
  if (checkedCredentials?.ok === false) problems.push(...under('/credentials', checkedCredentials.errors))
  if (problems.length > 0) throw invalid(problems)
  const split = plugin && checkedConfig?.ok ? splitConfig(plugin, checkedConfig.value) : undefined
  return {
    patch: {
      ...(name !== undefined && { name }),
      ...(enabled !== undefined && { enabled }),
      ...(schedule !== undefined && { schedule }),
      ...(timezone !== undefined && { timezone }),
      ...(limits !== undefined && { limits: { ...connector.limits, ...limits } }),
      ...(split && { config: split.open }),
      ...(checkedCredentials?.ok && { activated: true }),
      ...(checkedCredentials?.ok && needsReauthorization(connector) && { lastError: null }),
    },
    ...(split && { configSecrets: split.secret }),
    ...(oauthClient !== undefined && { oauthClient }),
    ...(webhookSecret !== undefined && { webhookSecret }),
    ...(checkedCredentials?.ok && { credentials: stored(checkedCredentials.value) }),
  }
}

/** Undefined when it was deleted meanwhile. */
export async function updateConnector(
  services: Services,
  caller: Caller,
  connector: Connector,
  { patch, configSecrets, credentials, oauthClient, webhookSecret }: Change,
): Promise<Connector | undefined> {
  const { store, vault } = services
  if (configSecrets) await keepConfigSecrets(vault, connector.id, configSecrets)
  if (credentials) await vault.save(connector.id, credentials)
  if (oauthClient !== undefined) await vault.put(connector.id, 'oauthClient', oauthClient && { ...oauthClient })
  if (webhookSecret !== undefined) await setHookSecret(services, connector.id, webhookSecret)
  // What is to be told of may be something else now.
  if (patch.config) await store.deleteHookSubscription(connector.id)
  const updated = await store.updateConnector(connector.id, patch)
  await audit(services, caller, 'connector.updated', connector.id, {
    fields: [
      ...Object.keys(patch),
      ...(credentials ? ['credentials'] : []),
      ...(oauthClient === undefined ? [] : ['oauthClient']),
      ...(webhookSecret === undefined ? [] : ['webhookSecret']),
    ],
  })
  return updated
}

/** Documents removed while the caller waits; the rest goes in the background. */
const purgeStep = 1000

/** Hides it, cancels its jobs, forgets its credentials, removes what it had. False when the rest is removed in the background. */
export async function deleteConnector(services: Services, caller: Caller, connector: Connector): Promise<boolean> {
  const { store, vault, engine } = services
  const running = await engine()
  for (const status of ['running', 'queued'] as const) {
    const { rows } = await store.jobs({ connectorId: connector.id, status, limit: 100 })
    for (const job of rows) await running.cancel(job.id)
  }
  const revoke = await prepareRevocation(services, connector)
  if (!(await store.deleteConnector(connector.id))) throw notFound('connector', connector.id)
  await vault.forget(connector.id)
  await audit(services, caller, 'connector.deleted', connector.id, { name: connector.name, type: connector.type })
  const [gone] = await Promise.all([store.purgeConnector(connector.id, purgeStep), revoke()])
  if (gone) return true
  void purge(services, connector.id)
  return false
}

/** Removes what a deleted connector had, in steps that leave room for others. */
export async function purge({ store, log }: Services, connectorId: string): Promise<void> {
  try {
    while (!(await store.purgeConnector(connectorId, purgeStep)));
    log.info('A deleted connector is gone.', { connectorId })
  } catch (error) {
    log.error('A deleted connector could not be removed; the next start goes on.', { connectorId, error })
  }
}

/** Without credentials it can only be meant for OAuth. */
function waitsForOAuth(plugin: SourceConnector): boolean {
  return Object.values(plugin.auth).some(({ kind }) => kind === 'oauth2')
}

function checkHook({ title, webhook }: SourceConnector): Detail[] {
  return webhook ? [] : [{ path: '/webhookSecret', message: `is of no use: ${title} takes no webhooks` }]
}

function checkClient({ title, auth }: SourceConnector): Detail[] {
  if (Object.values(auth).some(({ kind }) => kind === 'oauth2')) return []
  return [{ path: '/oauthClient', message: `is of no use: ${title} is not connected by OAuth` }]
}

function stored({ method, value }: CheckedCredentials): StoredCredentials {
  return { ...value, method }
}

function isObject(value: unknown): value is Values {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
