import picomatch from 'picomatch'

/** Whether a path in the repository is wanted. */
export type PathFilter = (path: string) => boolean

const options = { dot: true } as const

/** `docs/` and a bare folder name mean the whole subtree; a leading `/` is the repository's root; globs are case-sensitive. */
function expand(pattern: string): readonly string[] {
  const rooted = pattern.replace(/^\.?\/+/, '')
  if (rooted.endsWith('/')) return [`${rooted}**`]
  return /[*?[\]{}()!+@]/.test(rooted) ? [rooted] : [rooted, `${rooted}/**`]
}

/** Wanted when any pattern matches (or there is none but exclusions) and no pattern that begins with `!` does. */
export function createPathFilter(patterns: readonly string[]): PathFilter {
  const takes = patterns.filter((pattern) => !pattern.startsWith('!')).flatMap(expand)
  const leaves = patterns.filter((pattern) => pattern.startsWith('!')).flatMap((pattern) => expand(pattern.slice(1)))
  const taken = takes.length === 0 ? () => true : picomatch(takes, options)
  const left = leaves.length === 0 ? () => false : picomatch(leaves, options)
  return (path) => taken(path) && !left(path)
}
