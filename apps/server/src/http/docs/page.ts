// The OpenAPI document as one page: no script, nothing from elsewhere.

import { curlOf } from './curl.ts'
import { type Described, type Field, fieldsOf, renderFields, renderSchema } from './fields.ts'
import { escapeHtml, prose } from './html.ts'
import { style } from './style.ts'

type Content = Readonly<Record<string, { readonly schema: Described }>>

export interface Operation {
  readonly operationId: string
  readonly tags: readonly string[]
  readonly summary: string
  readonly description?: string
  readonly 'x-role'?: string
  readonly parameters?: readonly {
    readonly name: string
    readonly in: string
    readonly required: boolean
    readonly description?: string
    readonly schema: Described
  }[]
  readonly requestBody?: { readonly required: boolean; readonly content: Content }
  readonly responses: Readonly<Record<string, { readonly description: string; readonly content?: Content }>>
}

interface Placed {
  readonly path: string
  readonly method: string
  readonly operation: Operation
}

interface Document {
  readonly info: { readonly title: string; readonly description: string }
  readonly servers: readonly { readonly url: string }[]
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>
  readonly components: { readonly schemas: Readonly<Record<string, Described>> }
  readonly tags: readonly { readonly name: string }[]
}

const icon = `data:image/svg+xml,${encodeURIComponent('<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16"><rect width="16" height="16" rx="4" fill="#0b5bd3"/><path d="M7 5.5a3 3 0 1 0 0 5m2.5-5 4 5m0-5-4 5" stroke="#fff" stroke-width="1.5" fill="none"/></svg>')}`

/** Renders the document. `origin` stands in the examples where the document names no address. */
export function renderDocs(document: Readonly<Record<string, unknown>>, origin: string): string {
  const { info, servers, paths, components, tags } = document as unknown as Document
  const server = servers[0]?.url === '/' ? origin : (servers[0]?.url ?? '')
  const operations = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ path, method: method.toUpperCase(), operation })),
  )
  const groups = tags.map(({ name }) => ({
    name,
    own: operations.filter(({ operation }) => operation.tags.includes(name)),
  }))
  const sections = groups.map(
    ({ name, own }) =>
      `<section><h2 id="${anchor(name)}">${escapeHtml(name)}</h2>${own.map((one) => renderOperation(one, server)).join('')}</section>`,
  )
  const schemas = Object.entries(components.schemas).map(
    ([name, schema]) =>
      `<article id="schema-${escapeHtml(name)}"><h3>${escapeHtml(name)}</h3>${renderSchema(schema)}</article>`,
  )
  const links = groups.map(
    ({ name, own }) =>
      `<details open><summary><a href="#${anchor(name)}">${escapeHtml(name)}</a></summary>${own.map(renderLink).join('')}</details>`,
  )
  const title = `${escapeHtml(info.title)} API`
  return `<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1"><title>${title}</title><link rel="icon" href="${icon}">
<style>${style}</style><nav aria-label="Operations"><a class="title" href="#top">${title}</a>${links.join('')}<details><summary><a href="#schemas">Schemas</a></summary>${Object.keys(
    components.schemas,
  )
    .map((name) => `<a href="#schema-${escapeHtml(name)}">${escapeHtml(name)}</a>`)
    .join('')}</details></nav>
<main id="top"><h1>${title}</h1><p>${prose(info.description)}</p><p>Every request names an API key: <code>Authorization: Bearer &lt;key&gt;</code>. The same for programs: <a href="openapi.json">openapi.json</a>.</p>
${sections.join('')}<section><h2 id="schemas">Schemas</h2>${schemas.join('')}</section></main></html>`
}

function renderLink({ method, operation }: Placed): string {
  return `<a href="#${escapeHtml(operation.operationId)}"><span class="method ${method}">${method}</span> ${prose(operation.summary)}</a>`
}

function renderOperation({ path, method, operation }: Placed, server: string): string {
  const { operationId, summary, description = '', parameters = [], requestBody, responses } = operation
  const fields = parameters.map(
    ({ name, in: place, required, description, schema }): Field => ({
      name,
      schema,
      description,
      place,
      isRequired: required,
    }),
  )
  const role = operation['x-role']
  return `<article id="${escapeHtml(operationId)}"><h3><a href="#${escapeHtml(operationId)}">${prose(summary)}</a></h3>
<p class="route"><span class="method ${method}">${method}</span> <code>${escapeHtml(path)}</code> <span class="role">${
    role ? `role ${escapeHtml(role)}` : 'no key'
  }</span></p>
${description && `<p>${prose(description)}</p>`}<pre>${escapeHtml(curlOf({ path, method, operation }, server))}</pre>
${fields.length > 0 ? `<h4>Parameters</h4>${renderFields(fields)}` : ''}${
  requestBody ? `<h4>Body${requestBody.required ? '' : ', optional'}</h4>${renderContent(requestBody.content)}` : ''
}<h4>Answers</h4>${Object.entries(responses)
    .map(([status, answer]) => renderAnswer(status, answer))
    .join('')}</article>`
}

function renderAnswer(status: string, { description, content = {} }: Operation['responses'][string]): string {
  const line = `<b class="s${status[0]}">${escapeHtml(status)}</b> ${prose(description)}`
  const [only, ...more] = Object.values(content)
  // Every failure has the same form: said once, among the schemas.
  const isPlain = !only || (more.length === 0 && only.schema.$ref === '#/components/schemas/Error')
  return isPlain
    ? `<p class="answer">${line}</p>`
    : `<details class="answer"><summary>${line}</summary>${renderContent(content)}</details>`
}

function renderContent(content: Content): string {
  return Object.entries(content)
    .map(([type, { schema }]) => {
      const label = type === 'application/json' ? '' : `<p><code>${escapeHtml(type)}</code></p>`
      const { data, meta } = schema.properties ?? {}
      if (!data || !meta) return label + renderSchema(schema)
      return label + renderFields(fieldsOf(schema))
    })
    .join('')
}

function anchor(tag: string): string {
  return `tag-${tag.toLowerCase().replaceAll(/[^a-z]+/g, '-')}`
}
