import type { Auth } from '../contract/auth.ts'
import type { SourceConnector } from '../contract/connector.ts'
import type { JsonSchema } from '../contract/schema.ts'

/** What can be known of a connector without connecting: what a form and a plugin table need. */
export interface ConnectorDescription {
  readonly type: string
  readonly title: string
  readonly description: string
  readonly config: JsonSchema
  readonly auth: readonly (
    | { readonly method: string; readonly kind: 'secret'; readonly title: string; readonly schema: JsonSchema }
    | { readonly method: string; readonly kind: 'oauth2'; readonly title: string; readonly scopes: readonly string[] }
    | { readonly method: string; readonly kind: 'none'; readonly title: string }
  )[]
  readonly capabilities: Readonly<
    Record<'changes' | 'permissions' | 'groups' | 'webhook' | 'upload' | 'remove' | 'browse', boolean>
  >
}

/** Describes a connector; capabilities are the groups that are present. */
export function describeConnector(connector: SourceConnector): ConnectorDescription {
  return {
    type: connector.name,
    title: connector.title,
    description: connector.description,
    config: connector.config,
    auth: Object.entries(connector.auth).map(([method, auth]) => describeAuth(method, auth)),
    capabilities: {
      changes: connector.changes !== undefined,
      permissions: connector.permissions !== undefined,
      groups: connector.permissions?.groups !== undefined,
      webhook: connector.webhook !== undefined,
      upload: connector.write !== undefined,
      remove: connector.write?.remove !== undefined,
      browse: connector.browse !== undefined,
    },
  }
}

function describeAuth(method: string, auth: Auth): ConnectorDescription['auth'][number] {
  const title = auth.title ?? method
  if (auth.kind === 'secret') return { method, kind: 'secret', title, schema: auth.schema }
  if (auth.kind === 'oauth2') return { method, kind: 'oauth2', title, scopes: auth.scopes }
  return { method, kind: 'none', title }
}
