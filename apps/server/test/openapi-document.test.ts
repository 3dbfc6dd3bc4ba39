import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Validator } from '@seriousme/openapi-schema-validator'
import { Ajv2020 } from 'ajv/dist/2020.js'
import addFormats from 'ajv-formats'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { compose } from '../src/container.ts'
import type { Served } from '../src/http/serve.ts'
import { parts } from '../src/parts.ts'
import { readSettings } from '../src/settings.ts'

interface Operation {
  readonly responses: Readonly<
    Record<string, { readonly content?: Readonly<Record<string, { readonly schema?: unknown }>> }>
  >
  readonly parameters?: readonly { readonly name: string; readonly schema: object }[]
  readonly requestBody?: { readonly content: Readonly<Record<string, { readonly schema?: unknown }>> }
}

interface Document {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>
  readonly components: { readonly schemas: Readonly<Record<string, object>> }
}

let folder: string
let served: Served
let document: Document
let close: () => Promise<void>

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cx-openapi-'))
  const injector = compose(readSettings({ CX_DATA_DIR: folder, CX_LOG_LEVEL: 'silent' }), { ready: () => true })
  served = await injector.get(parts.served)
  const store = await injector.get(parts.store)
  close = () => store.close()
  document = (await (await served.app.request('/openapi.json')).json()) as Document
})
afterAll(async () => {
  await close?.()
  await rm(folder, { recursive: true, force: true })
})

test('is valid OpenAPI 3.1', async () => {
  const validator = new Validator()
  const result = await validator.validate({ ...structuredClone(document) })
  expect(result.errors).toBeUndefined()
  expect(result.valid).toBe(true)
  expect(validator.version).toBe('3.1')
})

test('every schema in it is valid JSON Schema 2020-12 and every reference leads somewhere', () => {
  const ajv = new Ajv2020({ strict: true, strictRequired: false, allowUnionTypes: true })
  addFormats.default(ajv)
  ajv.addFormat('binary', true)
  ajv.addVocabulary(['components'])
  for (const operation of Object.values(document.paths).flatMap((methods) => Object.values(methods))) {
    const contents = [operation.requestBody, ...Object.values(operation.responses)].flatMap((one) =>
      Object.values(one?.content ?? {}),
    )
    for (const schema of [...contents, ...(operation.parameters ?? [])].map((one) => one.schema)) {
      expect(schema).toBeDefined()
      // The components come along, so that what it refers to is found.
      ajv.compile({ components: document.components, ...(schema as object) })
    }
  }
  const text = JSON.stringify(document)
  for (const name of Object.keys(document.components.schemas))
    expect(text, `${name} is used`).toContain(`"#/components/schemas/${name}"`)
})

test('no route is undeclared, and nothing is declared that is not served', () => {
  const declared = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
  )
  const routed = served.app.routes.map(({ method, path }) => `${method} ${path.replaceAll(/:(\w+)/g, '{$1}')}`)
  expect(routed.sort()).toEqual(declared.sort())
})
