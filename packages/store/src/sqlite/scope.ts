import type { SweepScope } from '@cx/core/engine'

/** Paths as `file_filter` has them, sorted out: none named twice. */
export interface PathScope {
  readonly exact: readonly string[]
  /** Half-open ranges of the byte order. */
  readonly subtrees: readonly { readonly from: string; readonly to: string }[]
}

/** The paths that begin with `prefix` lie in `[prefix, beyond(prefix))` of the byte order; a prefix ends in `/` here. */
function beyond(prefix: string): string {
  return `${prefix.slice(0, -1)}0`
}

/** @returns undefined when everything is in scope. */
export function pathScope(paths: readonly string[] | undefined): PathScope | undefined {
  if (paths === undefined) return undefined
  const subtrees: string[] = []
  const roots = new Set(paths.filter((path) => path.endsWith('/')))
  const covered = (path: string): boolean => {
    for (let slash = path.indexOf('/'); slash !== -1; slash = path.indexOf('/', slash + 1)) {
      const root = path.slice(0, slash + 1)
      if (root !== path && roots.has(root)) return true
    }
    return false
  }
  for (const root of roots) if (!covered(root)) subtrees.push(root)
  const exact = [...new Set(paths)].filter((path) => !path.endsWith('/') && !covered(path))
  return { exact, subtrees: subtrees.map((from) => ({ from, to: beyond(from) })) }
}

/** Whether nothing at all may be swept. */
export function coversEverything(scope: SweepScope): boolean {
  return scope.unreadable.some((path) => path === '' || path === '/')
}
