import type { Json, JsonSchema, SourceConnector } from '@cx/core'
import { validateConfig } from '@cx/core/engine'

type Config = Readonly<Record<string, Json>>

/** The configuration with its defaults, or what is wrong with it: as the host decides. */
export function validate(
  schema: JsonSchema,
  value: Config,
): { readonly ok: true; readonly value: Config } | { readonly ok: false; readonly errors: readonly string[] } {
  const checked = validateConfig({ config: schema } as SourceConnector, value)
  if (checked.ok) return checked
  return { ok: false, errors: checked.errors.map(({ path, message }) => `${path || '/'} ${message}`) }
}

/** The same for a connector's own. @throws TypeError with every problem. */
export function configured({ config }: SourceConnector, value: Config): Config {
  const checked = validate(config, value)
  if (checked.ok) return checked.value
  throw new TypeError(checked.errors.join('\n'))
}

/** Why the schema is no usable draft 2020-12 schema; undefined when it is. */
export function schemaFault(schema: JsonSchema): string | undefined {
  try {
    validate(schema, {})
    return undefined
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}

/** Every property with its path, `a`, `a.b` and `a[].b`, at any depth. */
export function* properties(
  schema: JsonSchema,
  path = '',
): Generator<{ path: string; name: string; schema: JsonSchema }> {
  for (const [name, child] of Object.entries(schema.properties ?? {})) {
    const here = path === '' ? name : `${path}.${name}`
    yield { path: here, name, schema: child }
    yield* properties(child, here)
    if (child.items) yield* properties(child.items, `${here}[]`)
  }
}
