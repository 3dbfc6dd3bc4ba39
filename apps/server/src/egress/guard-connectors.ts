import type { JsonSchema, SourceConnector } from '@cx/core'
import type { Egress } from './guard.ts'

/**
 * The same connector, whose `connect` first looks at every address in its configuration: properties with the format
 * `hostname` or `uri`, and those named `host`. Connectors that do not use the host's `fetch` are guarded by this.
 */
export function guardConnector(connector: SourceConnector, { checkHost }: Pick<Egress, 'checkHost'>): SourceConnector {
  const guarded = Object.entries(connector.config.properties ?? {}).flatMap(([name, schema]) => {
    const kind = kindOf(name, schema) ?? (schema.items && kindOf(name, schema.items))
    return kind === undefined ? [] : [{ name, kind }]
  })
  if (guarded.length === 0) return connector
  return Object.freeze({
    ...connector,
    connect: async (connection: Parameters<SourceConnector['connect']>[0]) => {
      const config = connection.config as Readonly<Record<string, unknown>>
      for (const { name, kind } of guarded)
        for (const value of [config[name]].flat())
          if (typeof value === 'string' && value !== '')
            await (kind === 'uri' ? checkUrl(value, checkHost) : checkHost(value, portOf(config)))
      return connector.connect(connection)
    },
  })
}

function kindOf(name: string, { type, format }: JsonSchema): 'uri' | 'hostname' | undefined {
  if (type !== 'string') return undefined
  if (format === 'uri') return 'uri'
  return format === 'hostname' || name === 'host' ? 'hostname' : undefined
}

async function checkUrl(value: string, checkHost: Egress['checkHost']): Promise<void> {
  if (!URL.canParse(value)) return
  const { hostname, port } = new URL(value)
  if (hostname !== '') await checkHost(hostname, port === '' ? undefined : Number(port))
}

function portOf({ port }: Readonly<Record<string, unknown>>): number | undefined {
  return typeof port === 'number' ? port : undefined
}
