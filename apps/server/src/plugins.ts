import { createRequire } from 'node:module'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Log } from '@cx/core'
import { apiVersion, type SourceConnector } from '@cx/core'

/** The connector types this host has. A plugin is imported when it is first needed. */
export interface Plugins {
  all(): Promise<ReadonlyMap<string, SourceConnector>>
  get(type: string): Promise<SourceConnector | undefined>
}

/** `guard` wraps each plugin. A plugin that cannot be loaded is reported and left out: the others must go on. */
export function createPlugins(
  packages: readonly string[],
  log: Log,
  guard: (connector: SourceConnector) => SourceConnector = (connector) => connector,
): Plugins {
  const loaded = new Map<string, Promise<SourceConnector | undefined>>()
  const load = (name: string) => {
    let loading = loaded.get(name)
    if (!loading) {
      loading = loadPlugin(name, log).then((connector) => connector && guard(connector))
      loaded.set(name, loading)
    }
    return loading
  }
  const all = async () => {
    const connectors = await Promise.all(packages.map(load))
    return new Map(connectors.flatMap((connector) => (connector ? [[connector.name, connector] as const] : [])))
  }
  return {
    all,
    get: async (type) => {
      // By convention `google_drive` is in a package that ends in `plugin-google-drive`: the others need not be loaded.
      const likely = packages.find((name) => name.endsWith(`plugin-${type.replaceAll('_', '-')}`))
      const connector = likely === undefined ? undefined : await load(likely)
      return connector?.name === type ? connector : (await all()).get(type)
    },
  }
}

async function loadPlugin(name: string, log: Log): Promise<SourceConnector | undefined> {
  try {
    const connector = await importPlugin(name)
    if (connector?.apiVersion === apiVersion) return connector
    log.error('A plugin was not loaded: its default export must come from defineConnector of this @cx/core.', {
      plugin: name,
      needs: apiVersion,
      has: connector?.apiVersion,
    })
  } catch (error) {
    log.error('A plugin was not loaded.', { plugin: name, error })
  }
  return undefined
}

async function importPlugin(name: string): Promise<SourceConnector | undefined> {
  const module = (await import(addressOf(name))) as { readonly default?: SourceConnector }
  return module.default
}

/** First-party plugins stand beside this package; others where the operator installed them. Throws where there is none. */
export function addressOf(name: string): string {
  try {
    return import.meta.resolve(name)
  } catch {
    return pathToFileURL(createRequire(join(process.cwd(), 'package.json')).resolve(name)).href
  }
}
