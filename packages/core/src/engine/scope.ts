/** Whether `path` is one of `paths`, or lies under one that ends in `/`. */
export function pathInScope(paths: readonly string[], path: string): boolean {
  return createScope(paths)(path)
}

/** {@link pathInScope} for many paths: exact ones by set, subtrees by prefix. */
export function createScope(paths: readonly string[]): (path: string) => boolean {
  const exact = new Set(paths)
  const subtrees = paths.filter((path) => path.endsWith('/'))
  return (path) => exact.has(path) || subtrees.some((subtree) => path.startsWith(subtree))
}
