import type { Described } from './fields.ts'
import type { Operation } from './page.ts'

/** How a request looks on a command line, with what it cannot do without. */
export function curlOf(
  { path, method, operation }: { readonly path: string; readonly method: string; readonly operation: Operation },
  server: string,
): string {
  const { parameters = [], requestBody } = operation
  const query = parameters.filter(({ in: place, required }) => place === 'query' && required)
  const asked = query.map(({ name, schema }) => `${name}=${encodeURIComponent(String(sampleOf(schema, name)))}`)
  const url = `${server}${path}${asked.length > 0 ? `?${asked.join('&')}` : ''}`
  const [type, content] = Object.entries(requestBody?.content ?? {})[0] ?? []
  const parts = [
    `curl ${method === 'GET' ? '' : `-X ${method} `}'${url}'`,
    ...(operation['x-role'] ? [`-H "Authorization: Bearer $CX_API_KEY"`] : []),
    ...(type === 'application/json' && content && requestBody?.required
      ? [`-H 'Content-Type: application/json'`, `-d '${JSON.stringify(sampleOf(content.schema))}'`]
      : []),
    ...(type === 'multipart/form-data' ? [`-F 'files=@report.pdf'`] : []),
  ]
  return parts.join(' \\\n  ')
}

/** What a person would write there. */
const samples: Readonly<Record<string, unknown>> = {
  name: 'Reports',
  type: 's3',
  collection: 'reports',
  config: { bucket: 'company-reports', region: 'eu-central-1' },
  credentials: { accessKeyId: '…', secretAccessKey: '…' },
  query: 'quarterly forecast',
  principal: 'ann@example.com',
  url: 'https://example.com/hook',
  events: ['sync.completed'],
  paths: ['inbox/report.pdf'],
  role: 'viewer',
  code: '…',
  state: '…',
}

function sampleOf(schema: Described, name = ''): unknown {
  if (Object.hasOwn(samples, name)) return samples[name]
  if (schema.const !== undefined) return schema.const
  if (schema.enum) return schema.enum[0]
  const [type] = [schema.type ?? 'string'].flat()
  if (schema.properties) {
    const { properties, required = [] } = schema
    return Object.fromEntries(required.map((field) => [field, sampleOf(properties[field] ?? {}, field)]))
  }
  if (type === 'array') return schema.items ? [sampleOf(schema.items)] : []
  if (type === 'integer' || type === 'number') return schema.minimum ?? 1
  if (type === 'boolean') return true
  return type === 'object' ? {} : '…'
}
