import { defineConfig } from 'vitest/config'

export default defineConfig({
  resolve: { conditions: ['cx-source'] },
  ssr: { resolve: { conditions: ['cx-source', 'node'] } },
  test: {
    include: ['{packages,plugins,apps,examples}/*/{src,test}/**/*.test.ts', 'examples/**/*.test.ts'],
    typecheck: { enabled: false },
    testTimeout: 30_000,
    hookTimeout: 60_000,
    execArgv: ['--conditions=cx-source'],
    maxWorkers: 2,
    // Crash, lease and expiry tests watch real clocks on machines that do other things too.
    retry: process.env.CI ? 1 : 0,
  },
})
