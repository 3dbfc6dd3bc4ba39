import { Ajv2020, type ErrorObject, type ValidateFunction } from 'ajv/dist/2020.js'
import addFormats from 'ajv-formats'
import type { Auth } from '../contract/auth.ts'
import type { SourceConnector } from '../contract/connector.ts'
import type { Json, JsonSchema } from '../contract/schema.ts'

/** One thing wrong with a value; `path` is a JSON pointer into it, empty for the whole. */
export interface Problem {
  readonly path: string
  readonly message: string
}

export type Validated<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly errors: readonly Problem[] }

type Values = Readonly<Record<string, Json>>

const ajv = new Ajv2020({
  allErrors: true,
  useDefaults: true,
  strict: true,
  strictRequired: false,
  allowUnionTypes: true,
})
addFormats.default(ajv)

const compiled = new WeakMap<JsonSchema, ValidateFunction>()

function validate(schema: JsonSchema, value: unknown): Validated<Values> {
  let check = compiled.get(schema)
  if (!check) {
    check = ajv.compile({ additionalProperties: false, ...schema })
    compiled.set(schema, check)
  }
  // Defaults are written into the value: never into the caller's.
  const copy = structuredClone(value) as Values
  return check(copy) ? { ok: true, value: copy } : { ok: false, errors: (check.errors ?? []).map(problem) }
}

function problem({ instancePath, keyword, params, message }: ErrorObject): Problem {
  const pointer = (key: unknown) => `${instancePath}/${String(key).replaceAll('~', '~0').replaceAll('/', '~1')}`
  if (keyword === 'required') return { path: pointer(params.missingProperty), message: 'is required' }
  if (keyword === 'additionalProperties')
    return { path: pointer(params.additionalProperty), message: 'is not a known field' }
  if (keyword === 'enum')
    return {
      path: instancePath,
      message: `must be one of ${params.allowedValues.map((v: unknown) => JSON.stringify(v)).join(', ')}`,
    }
  return { path: instancePath, message: message ?? 'is not valid' }
}

/** Checks a connector's configuration, every error at once, and fills in its defaults. Unknown fields are errors. */
export function validateConfig(connector: SourceConnector, config: unknown): Validated<Values> {
  return validate(connector.config, config)
}

/** Credentials that passed, with the way in they are for. */
export interface CheckedCredentials {
  readonly method: string
  readonly value: Values
}

/**
 * Checks what a person typed in. `method` may be left out where only one declared way in accepts the value;
 * credentials may be left out where a way in needs none. OAuth ways in are not typed in: see `/oauth/init`.
 */
export function validateCredentials(connector: SourceConnector, credentials: unknown): Validated<CheckedCredentials> {
  const ways = Object.entries(connector.auth)
  if (credentials === undefined || credentials === null) {
    const open = ways.find(([, auth]) => auth.kind === 'none')
    if (open || ways.length === 0) return { ok: true, value: { method: open?.[0] ?? 'none', value: {} } }
    return fail('', `credentials are required: ${listWays(ways)}`)
  }
  if (typeof credentials !== 'object' || Array.isArray(credentials)) return fail('', 'must be an object')
  const { method, ...values } = credentials as Record<string, Json>
  if (method !== undefined) {
    const auth =
      typeof method === 'string' && Object.hasOwn(connector.auth, method) ? connector.auth[method] : undefined
    if (!auth) return fail('/method', `must be one of ${ways.map(([name]) => JSON.stringify(name)).join(', ')}`)
    return checkOne(method as string, auth, values)
  }
  const typed = ways.filter(([, auth]) => auth.kind === 'secret')
  const tried = typed.map(([name, auth]) => checkOne(name, auth, values))
  const accepted = tried.filter((result) => result.ok)
  if (accepted.length === 1) return accepted[0]!
  if (accepted.length > 1)
    return fail('/method', `is required, because several ways in take these fields: ${listWays(ways)}`)
  if (typed.length === 0)
    return fail('', ways.length === 0 ? 'this connector takes no credentials' : `cannot be typed in: ${listWays(ways)}`)
  // The way in that shares most fields is most likely the one that was meant.
  const closest = typed
    .map(([, auth], index) => ({
      index,
      shared: Object.keys(values).filter((key) => auth.kind === 'secret' && key in (auth.schema.properties ?? {}))
        .length,
    }))
    .reduce((best, next) => (next.shared > best.shared ? next : best))
  return tried[closest.index]!
}

function checkOne(method: string, auth: Auth, values: Values): Validated<CheckedCredentials> {
  if (auth.kind === 'oauth2')
    return fail('/method', `"${method}" is OAuth: create the connector without credentials, then call POST /oauth/init`)
  const result = validate(auth.kind === 'none' ? { type: 'object' } : auth.schema, values)
  return result.ok ? { ok: true, value: { method, value: result.value } } : result
}

function listWays(ways: readonly (readonly [string, Auth])[]): string {
  return ways.map(([name, auth]) => (auth.title ? `${name} (${auth.title})` : name)).join(', ')
}

function fail(path: string, message: string): { readonly ok: false; readonly errors: readonly Problem[] } {
  return { ok: false, errors: [{ path, message }] }
}
