import type { SourceConnector } from '@cx/core'
import type { Fixture, World } from '../fixture.ts'
import { createMemoryConnector } from './memory-connector.ts'
import { createMemorySource, type MemorySource, memoryConfig } from './memory-source.ts'

/** A memory connector and its fixture with every ability: what the kit's own tests run on. */
export function createMemoryFixture(
  options: { readonly hostFetch?: boolean; readonly alter?: (world: World, source: MemorySource) => World } = {},
): { readonly connector: SourceConnector; readonly fixture: Fixture } {
  const { hostFetch = true, alter = (world: World) => world } = options
  const token = 'canary-token-6f1d2c'
  let source = createMemorySource({ pageSize: 3, token, hostFetch })
  const fixture: Fixture = {
    name: hostFetch ? 'memory, host fetch' : 'memory, own transport',
    budgets: { list: (n) => Math.max(1, Math.ceil(n / 3)), unchanged: 1, acls: () => 1, read: 1 },
    async start() {
      const fresh = createMemorySource({ pageSize: 3, token, hostFetch })
      source = fresh
      return alter(memoryWorld(fresh, token, hostFetch), fresh)
    },
  }
  const connector = createMemoryConnector(hostFetch ? undefined : (input, init) => source.transport(input, init))
  return { connector, fixture }
}

function memoryWorld(source: MemorySource, token: string, hostFetch: boolean): World {
  return {
    config: memoryConfig,
    credentials: { method: 'token', token },
    badCredentials: { method: 'token', token: 'wrong-canary-90ab31' },
    badConfig: { space: 'nowhere' },
    alternatives: [{ ...memoryConfig, under: 'docs/' }],
    ...(hostFetch ? { fetch: source.fetch } : { faults: source.faults }),
    put: async (key, content) => void source.put(key, content),
    remove: async (key) => source.remove(key),
    rename: async (from, to) => source.rename(from, to),
    deny: async (key) => source.deny(key),
    truncate: async () => {
      source.state.truncated = true
    },
    expireCursors: async () => {
      source.state.epoch += 1
    },
    setAcl: async (key, readers) => {
      source.setReaders(key, readers)
      for (const reader of readers)
        if (reader.type === 'group') source.state.groups.set(reader.id, [{ type: 'user', id: 'member' }])
      return undefined
    },
    contentReads: () => source.state.contentReads,
    big: {
      entries: async (count) => source.fill(count),
      file: async (key, bytes) => void source.put(key, { bytes }),
    },
    webhook: {
      secret: 'webhook-secret-11c0',
      deliveries: [
        {
          headers: {},
          body: '{"id":"d1","paths":["docs/a.md","b.md"]}',
          expect: 'affected',
          paths: ['b.md', 'docs/a.md'],
        },
        { headers: {}, body: '{"id":"d2"}', expect: 'resync' },
        { headers: {}, body: '{"hello":"world"}', expect: 'ignored' },
      ],
    },
    close: async () => {},
  }
}
