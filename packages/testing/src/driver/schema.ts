import type { Json, JsonSchema } from '@cx/core'
import { Ajv2020, type ErrorObject, type ValidateFunction } from 'ajv/dist/2020.js'
import formats from 'ajv-formats'

type Config = Readonly<Record<string, Json>>
const addFormats = formats as unknown as typeof formats.default

/** Validators are made once a schema; making one takes milliseconds, and a session is opened at every turn. */
const made = new WeakMap<JsonSchema, { open?: ValidateFunction; closed?: ValidateFunction }>()

/** A validator that behaves as the host's: strict, all errors at once, defaults filled in, unknown fields refused. */
function validator(kind: 'open' | 'closed', schema: JsonSchema): ValidateFunction {
  const known = made.get(schema) ?? {}
  made.set(schema, known)
  const ready = known[kind]
  if (ready) return ready
  const ajv = new Ajv2020({
    strict: true,
    strictRequired: false,
    allErrors: true,
    useDefaults: true,
    strictTypes: false,
  })
  addFormats(ajv)
  const closed = kind === 'closed' && schema.additionalProperties === undefined
  const compiled = ajv.compile(closed ? { ...schema, additionalProperties: false } : schema)
  known[kind] = compiled
  return compiled
}

function sentence(error: ErrorObject): string {
  const extra = error.keyword === 'additionalProperties' ? ` (${String(error.params.additionalProperty)})` : ''
  return `${error.instancePath || '/'} ${error.message ?? 'is not valid'}${extra}`
}

/** The configuration with its defaults, or what is wrong with it. */
export function validate(
  schema: JsonSchema,
  value: unknown,
): { readonly ok: true; readonly value: Config } | { readonly ok: false; readonly errors: readonly string[] } {
  const copy = structuredClone(value) as Config
  const check = validator('closed', schema)
  if (check(copy)) return { ok: true, value: copy }
  return { ok: false, errors: (check.errors ?? []).map(sentence) }
}

/** Why the schema is no usable draft 2020-12 schema; undefined when it is. */
export function schemaFault(schema: JsonSchema): string | undefined {
  try {
    validator('open', schema)
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
