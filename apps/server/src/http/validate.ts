import { Ajv2020, type ErrorObject, type ValidateFunction } from 'ajv/dist/2020.js'
import addFormats from 'ajv-formats'
import type { Detail } from './errors.ts'
import type { Schema } from './schema.ts'

const common = { allErrors: true, strict: true, strictRequired: false, allowUnionTypes: true } as const
const strict = new Ajv2020(common)
/** Query parameters arrive as text. */
const coercing = new Ajv2020({ ...common, coerceTypes: true })
for (const ajv of [strict, coercing]) addFormats.default(ajv)

/** Returns what is wrong with the value; empty when nothing is. */
export type Check = (value: unknown) => readonly Detail[]

/** Compiles a schema for JSON bodies: nothing is converted. */
export function compileBody(schema: Schema): Check {
  return toCheck(strict.compile(schema), schema)
}

/** Compiles a schema for query parameters: text becomes numbers and booleans, in place. */
export function compileParameters(schema: Schema): Check {
  return toCheck(coercing.compile(schema), schema)
}

function toCheck(validate: ValidateFunction, schema: Schema): Check {
  const known = Object.keys(schema.properties ?? {})
  return (value) =>
    validate(value) ? [] : (validate.errors ?? []).slice(0, 100).map((error) => describe(error, known))
}

function describe(
  { instancePath, keyword, params, message = 'is not valid' }: ErrorObject,
  known: readonly string[],
): Detail {
  const pointer = (key: unknown) =>
    `${instancePath}/${String(key).replaceAll('~', '~0').replaceAll('/', '~1').slice(0, 200)}`
  if (keyword === 'required') return { path: pointer(params.missingProperty), message: 'is required' }
  if (keyword === 'additionalProperties') {
    const hint = instancePath === '' && known.length > 0 ? `; known here: ${known.join(', ')}` : ''
    return { path: pointer(params.additionalProperty), message: `is not a known field${hint}` }
  }
  if (keyword === 'enum')
    return {
      path: instancePath,
      message: `must be one of ${params.allowedValues.map((value: unknown) => JSON.stringify(value)).join(', ')}`,
    }
  return { path: instancePath, message: message.replace('NOT have', 'not have') }
}
