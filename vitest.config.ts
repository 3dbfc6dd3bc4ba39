import { join } from 'node:path'
import { defineConfig } from 'vitest/config'

// Inherited by every process and thread that a test starts; see scripts/source-cache.ts.
process.env.NODE_COMPILE_CACHE ??= join(import.meta.dirname, 'node_modules/.cache/node')

export default defineConfig({
  resolve: { conditions: ['cx-source'] },
  ssr: { resolve: { conditions: ['cx-source', 'node'] } },
  test: {
    include: ['{packages,plugins,apps,examples}/*/{src,test}/**/*.test.ts', 'examples/**/*.test.ts'],
    globalSetup: 'scripts/source-cache.ts',
    typecheck: { enabled: false },
    testTimeout: 30_000,
    hookTimeout: 60_000,
    // Collecting garbage beneath code of V8's baseline compiler ends the process now and then: nodejs/node#62393.
    execArgv: ['--conditions=cx-source', '--no-sparkplug'],
    maxWorkers: 2,
    // Crash, lease and expiry tests watch real clocks on machines that do other things too.
    retry: process.env.CI ? 1 : 0,
  },
})
