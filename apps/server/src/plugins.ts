import { createRequire } from 'node:module'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Log } from '@cx/core'
import { apiVersion, type SourceConnector } from '@cx/core'

/** The connector types this host has. Plugins are imported when they are first needed. */
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
  let loading: Promise<ReadonlyMap<string, SourceConnector>> | undefined
  const all = () => {
    loading ??= load(packages, log, guard)
    return loading
  }
  return { all, get: async (type) => (await all()).get(type) }
}

async function load(
  packages: readonly string[],
  log: Log,
  guard: (connector: SourceConnector) => SourceConnector,
): Promise<ReadonlyMap<string, SourceConnector>> {
  const loaded = await Promise.all(
    packages.map(async (name) => {
      try {
        const connector = await importPlugin(name)
        if (connector?.apiVersion === apiVersion) return [guard(connector)]
        log.error('A plugin was not loaded: its default export must come from defineConnector of this @cx/core.', {
          plugin: name,
          needs: apiVersion,
          has: connector?.apiVersion,
        })
      } catch (error) {
        log.error('A plugin was not loaded.', { plugin: name, error })
      }
      return []
    }),
  )
  return new Map(loaded.flat().map((connector) => [connector.name, connector]))
}

/** First-party plugins stand beside this package; others where the operator installed them. */
async function importPlugin(name: string): Promise<SourceConnector | undefined> {
  let address: string
  try {
    address = import.meta.resolve(name)
  } catch {
    address = pathToFileURL(createRequire(join(process.cwd(), 'package.json')).resolve(name)).href
  }
  const module = (await import(address)) as { readonly default?: SourceConnector }
  return module.default
}
