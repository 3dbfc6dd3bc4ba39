import { execFileSync } from 'node:child_process'
import { globSync } from 'node:fs'
import { flushCompileCache } from 'node:module'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'

// Node strips types with WebAssembly, which in several threads at once now and then ends the whole process with a
// SIGSEGV (V8 of Node 24: nodejs/node#64500). Tests start many threads from source: here one thread reads every file
// first, and Node's compile cache has it for all that come after.

const root = join(import.meta.dirname, '..')

/** Before the first test (vitest's `globalSetup`); the folder of the cache is in `NODE_COMPILE_CACHE`. */
export function setup(): void {
  execFileSync(
    process.execPath,
    ['--conditions=cx-source', '--disable-warning=ExperimentalWarning', import.meta.filename],
    {
      stdio: ['ignore', 'ignore', 'inherit'],
    },
  )
}

if (import.meta.main) {
  // A thread's own file fails outside of one, but is read; a command's would run.
  process.on('uncaughtException', () => {})
  const files = globSync('{packages,plugins,apps}/*/src/**/*.ts', { cwd: root })
  for (const file of files.filter((name) => !/\.(test|d)\.ts$|(^|\W)(cli|main|vitest)\.ts$/.test(name)))
    await import(pathToFileURL(join(root, file)).href).catch(() => {})
  flushCompileCache()
  process.exit()
}
