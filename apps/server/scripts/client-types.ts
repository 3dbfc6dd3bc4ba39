import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { readSettings, startHost } from '../src/index.ts'

// Writes the types of @cx/client from what a host says of itself: node --conditions=cx-source scripts/client-types.ts

export const generatedFile: string = fileURLToPath(
  new URL('../../../packages/client/src/generated/api.ts', import.meta.url),
)

interface Schema {
  readonly $ref?: string
  readonly type?: string | readonly string[]
  readonly const?: unknown
  readonly enum?: readonly unknown[]
  readonly description?: string
  readonly properties?: Readonly<Record<string, Schema>>
  readonly required?: readonly string[]
  readonly additionalProperties?: boolean | Schema
  readonly items?: Schema
}

interface Content {
  readonly content?: Readonly<Record<string, { readonly schema: Schema }>>
}

interface Operation {
  readonly operationId: string
  readonly summary: string
  readonly parameters?: readonly {
    readonly name: string
    readonly in: string
    readonly required: boolean
    readonly description?: string
    readonly schema: Schema
  }[]
  readonly requestBody?: Content & { readonly required: boolean }
  readonly responses: Readonly<Record<string, Content>>
}

export interface ApiDocument {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>
  readonly components: { readonly schemas: Readonly<Record<string, Schema>> }
}

const base = '/api/v1'

/** TypeScript of the document: an interface for each schema, and for each operation what goes in and what comes out. */
export function clientTypes({ paths, components }: ApiDocument): string {
  // The envelope is the client's own affair.
  const { Error: failure, ListMeta: _list, Meta: _meta, ...schemas } = components.schemas
  const operations = Object.entries(paths)
    .filter(([path]) => path.startsWith(base))
    .flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, operation]) => ({
        path: path.slice(base.length),
        method: method.toUpperCase(),
        operation,
      })),
    )
  return `// Made from the OpenAPI document by apps/server/scripts/client-types.ts. Do not edit: run that again.

/** Every code an error of the API can have. */
export type ErrorCode = ${typeOf(failure!.properties!.error!.properties!.code!)}

${Object.entries(schemas)
  .map(([name, schema]) => `export type ${name} = ${typeOf(schema)}\n`)
  .join('\n')}
/** What each operation takes and gives. \`data\` of a list is one of its items. */
export interface Operations {
${operations.map(({ operation }) => describe(operation)).join('\n')}
}

/** Method and path of each operation, under ${base}. */
export const operations: { readonly [Name in keyof Operations]: readonly [method: string, path: string] } = {
${operations.map(({ path, method, operation }) => `  ${operation.operationId}: ['${method}', '${path}'],`).join('\n')}
}
`
}

function describe({ operationId, summary, parameters = [], requestBody, responses }: Operation): string {
  const query = parameters.filter((one) => one.in === 'query')
  const body = requestBody?.content?.['application/json']?.schema
  const answer = Object.entries(responses).find(([status]) => status.startsWith('2'))?.[1].content ?? {}
  const envelope = answer['application/json']?.schema
  const data = envelope?.properties?.data
  const isList = envelope?.properties?.meta?.$ref?.endsWith('/ListMeta')
  const asked: Schema = {
    type: 'object',
    properties: Object.fromEntries(
      query.map(({ name, schema, description }) => [name, { ...schema, ...(description && { description }) }]),
    ),
    required: query.filter(({ required }) => required).map(({ name }) => name),
    additionalProperties: false,
  }
  return [
    `  /** ${summary}. */`,
    `  ${operationId}: {`,
    `    query: ${query.length > 0 ? indent(typeOf(asked)) : 'undefined'}`,
    `    body: ${body ? indent(typeOf(body)) + (requestBody?.required ? '' : ' | undefined') : 'undefined'}`,
    `    data: ${data ? indent(typeOf(isList ? data.items! : data)) : 'Response'}`,
    `  }`,
  ].join('\n')
}

const indent = (text: string) => text.replaceAll('\n', '\n    ')

function typeOf(schema: Schema): string {
  const { $ref, type, enum: values, properties, items, additionalProperties } = schema
  if ($ref) return $ref.split('/').at(-1)!
  if (schema.const !== undefined) return literal(schema.const)
  if (values) return values.map(literal).join(' | ')
  if (Array.isArray(type)) return type.map((one: string) => typeOf({ ...schema, type: one })).join(' | ')
  switch (type) {
    case 'object':
      if (properties && Object.keys(properties).length > 0) return objectType(schema)
      if (additionalProperties === false) return 'Readonly<Record<string, never>>'
      return `Readonly<Record<string, ${typeof additionalProperties === 'object' ? typeOf(additionalProperties) : 'unknown'}>>`
    case 'array': {
      const item = items ? typeOf(items) : 'unknown'
      return item.includes('|') ? `readonly (${item})[]` : `readonly ${item}[]`
    }
    case 'integer':
      return 'number'
    case 'string':
    case 'number':
    case 'boolean':
    case 'null':
      return type
    case undefined:
      return 'unknown'
    default:
      throw new Error(`The generator does not know the type ${JSON.stringify(type)}.`)
  }
}

function objectType({ properties = {}, required = [] }: Schema): string {
  const lines = Object.entries(properties).map(([name, property]) => {
    const comment = property.description ? `  /** ${property.description.replaceAll('*/', '*\\/')} */\n` : ''
    const optional = required.includes(name) ? '' : '?'
    return `${comment}  readonly ${/^[a-z_$][\w$]*$/i.test(name) ? name : literal(name)}${optional}: ${typeOf(property).replaceAll('\n', '\n  ')}`
  })
  return `{\n${lines.join('\n')}\n}`
}

function literal(value: unknown): string {
  return typeof value === 'string' ? `'${value.replaceAll("'", "\\'")}'` : JSON.stringify(value)
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const folder = await mkdtemp(join(tmpdir(), 'cx-types-'))
  const host = await startHost(readSettings({ CX_PORT: '0', CX_DATA_DIR: folder, CX_LOG_LEVEL: 'silent' }))
  const document = (await (await fetch(`${host.url}/openapi.json`)).json()) as ApiDocument
  await writeFile(generatedFile, clientTypes(document))
  await host.stop()
  await rm(folder, { recursive: true })
}
