import type { Json, JsonSchema, SourceConnector } from '@cx/core'
import type { SyncStore } from '@cx/core/engine'
import type { Connector, CredentialVault } from '@cx/store'

type Values = Readonly<Record<string, Json>>

const name = 'config'

/** Takes out of a configuration what its type marks as secret, whole where only a part of it is: that is kept encrypted. */
export function splitConfig(
  { config: { properties = {} } }: SourceConnector,
  config: Values,
): { readonly open: Values; readonly secret: Values } {
  const fields = Object.entries(config)
  const isSecret = ([field]: readonly [string, Json]) => hasSecret(properties[field])
  return {
    open: Object.fromEntries(fields.filter((field) => !isSecret(field))),
    secret: Object.fromEntries(fields.filter(isSecret)),
  }
}

function hasSecret(schema: JsonSchema | undefined): boolean {
  if (!schema) return false
  return schema.writeOnly === true || hasSecret(schema.items) || Object.values(schema.properties ?? {}).some(hasSecret)
}

/** Keeps the secret fields; those of before are gone. */
export async function keepConfigSecrets(
  vault: Pick<CredentialVault, 'get' | 'put'>,
  connectorId: string,
  secret: Values,
): Promise<void> {
  // Most connectors have none, and then there is no row.
  if (Object.keys(secret).length > 0 || (await vault.get(connectorId, name)) !== undefined)
    await vault.put(connectorId, name, secret)
}

/** The configuration with its secret fields, as connectors get it. */
export async function wholeConfig(
  vault: Pick<CredentialVault, 'get'>,
  { id, config }: Pick<Connector, 'id' | 'config'>,
): Promise<Values> {
  return { ...config, ...((await vault.get(id, name)) as Values | undefined) }
}

/** A store whose connectors have their secret fields; for the engine alone. */
export function withConfigSecrets<S extends Pick<SyncStore, 'connector'>>(
  store: S,
  vault: Pick<CredentialVault, 'get'>,
): S {
  return {
    ...store,
    connector: async (id: string) => {
      const record = await store.connector(id)
      return record && { ...record, config: await wholeConfig(vault, record) }
    },
  }
}
