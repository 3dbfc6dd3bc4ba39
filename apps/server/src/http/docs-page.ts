// The OpenAPI document as one page: no script, nothing from elsewhere.

interface Operation {
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
    readonly schema: unknown
  }[]
  readonly requestBody?: { readonly content: Content }
  readonly responses: Readonly<Record<string, { readonly description: string; readonly content: Content }>>
}

type Content = Readonly<Record<string, { readonly schema: unknown }>>

/** Renders the document. */
export function renderDocs(document: Readonly<Record<string, unknown>>): string {
  const { info, paths, components, tags } = document as {
    info: { title: string; description: string }
    paths: Record<string, Record<string, Operation>>
    components: { schemas: Record<string, unknown> }
    tags: { name: string }[]
  }
  const operations = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ path, method: method.toUpperCase(), operation })),
  )
  const sections = tags.map(({ name }) => {
    const own = operations.filter(({ operation }) => operation.tags.includes(name))
    return `<section><h2>${escapeHtml(name)}</h2>${own.map(renderOperation).join('')}</section>`
  })
  const schemas = Object.entries(components.schemas).map(
    ([name, schema]) =>
      `<details id="schema-${escapeHtml(name)}"><summary><b>${escapeHtml(name)}</b></summary>${renderSchema(schema)}</details>`,
  )
  return `<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${escapeHtml(info.title)} API</title>
<style>${style}</style><h1>${escapeHtml(info.title)} API</h1><p>${escapeHtml(info.description)}</p><p>The same for programs: <a href="/openapi.json">openapi.json</a></p>
${sections.join('')}<section><h2>Schemas</h2>${schemas.join('')}</section></html>`
}

function renderOperation({
  path,
  method,
  operation,
}: {
  readonly path: string
  readonly method: string
  readonly operation: Operation
}): string {
  const { operationId, summary, description, parameters = [], requestBody, responses } = operation
  const rows = parameters.map(
    ({ name, in: place, required, description: text = '', schema }) =>
      `<tr><td><code>${escapeHtml(name)}</code>${required ? ' *' : ''}<td>${escapeHtml(place)}<td><code>${escapeHtml(JSON.stringify(schema))}</code><td>${escapeHtml(text)}`,
  )
  const answers = Object.entries(responses).map(
    ([status, answer]) =>
      `<details class="answer"><summary><b>${status}</b> ${escapeHtml(answer.description)}</summary>${renderContent(answer.content)}</details>`,
  )
  return `<details id="${escapeHtml(operationId)}"><summary><span class="method">${method}</span> <code>${escapeHtml(path)}</code> <span class="summary">${escapeHtml(summary)}</span></summary>
<p>${escapeHtml(description ?? '')} ${operation['x-role'] ? `Needs a key with the role <b>${operation['x-role']}</b>.` : 'Needs no key.'}</p>
${rows.length > 0 ? `<table><tr><th>Parameter<th>In<th>Schema<th>${rows.join('')}</table>` : ''}
${requestBody ? `<h4>Body</h4>${renderContent(requestBody.content)}` : ''}<h4>Answers</h4>${answers.join('')}</details>`
}

function renderContent(content: Content): string {
  return Object.entries(content)
    .map(([type, { schema }]) => `<p><code>${escapeHtml(type)}</code></p>${renderSchema(schema)}`)
    .join('')
}

function renderSchema(schema: unknown): string {
  const linked = escapeHtml(JSON.stringify(schema, null, 2)).replaceAll(
    /&quot;#\/components\/schemas\/(\w+)&quot;/g,
    '<a href="#schema-$1">$1</a>',
  )
  return `<pre>${linked}</pre>`
}

function escapeHtml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;')
}

const style = `:root{color-scheme:light dark;font:16px/1.5 system-ui,sans-serif}body{max-width:60rem;margin:2rem auto;padding:0 1rem}
summary{cursor:pointer;padding:.35rem 0}section>details{border-bottom:1px solid #8884}.method{display:inline-block;min-width:4.5rem;font-weight:600}
.summary{opacity:.7}code,pre{font:14px/1.45 ui-monospace,monospace}pre{overflow:auto;padding:.75rem;background:#8881;border-radius:6px}
table{border-collapse:collapse;width:100%}td,th{text-align:left;vertical-align:top;padding:.25rem .5rem;border-bottom:1px solid #8883}.answer{margin-left:1rem}`
