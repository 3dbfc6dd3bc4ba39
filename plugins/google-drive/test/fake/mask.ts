type Mask = { readonly [field: string]: Mask | true }

/** Parses `a,b(c,d/e)`; undefined for what Google refuses. */
export function parseMask(text: string): Mask | undefined {
  let at = 0
  const group = (): Mask | undefined => {
    const fields: Record<string, Mask | true> = {}
    for (;;) {
      const name = /^[\w*]+/.exec(text.slice(at))?.[0]
      if (!name) return undefined
      at += name.length
      if (text[at] === '(') {
        at++
        const inner = group()
        if (!inner || text[at] !== ')') return undefined
        at++
        fields[name] = inner
      } else fields[name] = true
      if (text[at] !== ',') return fields
      at++
    }
  }
  const mask = group()
  return at === text.length ? mask : undefined
}

/** The first field that a schema does not have. */
export function unknownField(
  mask: Mask,
  known: Readonly<Record<string, readonly string[]>>,
  path = '',
): string | undefined {
  for (const [name, inner] of Object.entries(mask)) {
    if (!known[path]?.includes(name)) return name
    const deeper = inner === true ? undefined : unknownField(inner, known, name)
    if (deeper) return deeper
  }
  return undefined
}

export function pick(value: unknown, mask: Mask | true): unknown {
  if (mask === true || typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return value.map((one) => pick(one, mask))
  const picked: Record<string, unknown> = {}
  for (const name of Object.keys(mask)) {
    const inner = (value as Record<string, unknown>)[name]
    if (inner !== undefined) picked[name] = pick(inner, mask[name]!)
  }
  return picked
}
