import { readdirSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'

const require = createRequire(import.meta.url)

/**
 * Where npm has put Bun's binary: in the package for this kind of machine beside the `bun` package. Its install script,
 * which only links to it, does not run here.
 */
export const bunBinary = (): string => join(besides(require.resolve('bun/package.json'), '@oven'), 'bin', 'bun')

/** The same for Deno. */
export const denoBinary = (): string => join(besides(require.resolve('deno/package.json'), '@deno'), 'deno')

function besides(manifest: string, scope: string): string {
  const folder = join(dirname(manifest), '..', scope)
  const [platform] = readdirSync(folder)
  if (platform === undefined) throw new Error(`${folder} has no binary for this machine; install again.`)
  return join(folder, platform)
}
