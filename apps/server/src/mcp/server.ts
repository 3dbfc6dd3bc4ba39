import { Server } from '@modelcontextprotocol/sdk/server/index.js'
import { WebStandardStreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/webStandardStreamableHttp.js'
import { CallToolRequestSchema, ListToolsRequestSchema, type Tool } from '@modelcontextprotocol/sdk/types.js'
import type { Caller } from '../access.ts'
import { ApiError, invalid } from '../http/errors.ts'
import { type Check, compileBody } from '../http/validate.ts'
import type { Services } from '../services.ts'
import { fetchDocument, fetchInput, fetchOutput, search, searchInput, searchOutput } from './tools.ts'

const readOnly = { readOnlyHint: true, openWorldHint: false } as const

interface Tools {
  readonly tool: Tool
  readonly check: Check
  readonly run: (services: Services, caller: Caller, input: never) => Promise<unknown>
}

const tools: readonly Tools[] = [
  {
    tool: {
      name: 'search',
      title: 'Search documents',
      description: 'Finds documents of the connected sources. Returns ids for `fetch`.',
      inputSchema: searchInput as unknown as Tool['inputSchema'],
      outputSchema: searchOutput as unknown as NonNullable<Tool['outputSchema']>,
      annotations: readOnly,
    },
    check: compileBody(searchInput),
    run: search,
  },
  {
    tool: {
      name: 'fetch',
      title: 'Read a document',
      description: 'The whole text of a document that `search` found, as Markdown.',
      inputSchema: fetchInput as unknown as Tool['inputSchema'],
      outputSchema: fetchOutput as unknown as NonNullable<Tool['outputSchema']>,
      annotations: readOnly,
    },
    check: compileBody(fetchInput),
    run: fetchDocument,
  },
]

/** Answers one request of the Model Context Protocol. Nothing is kept between requests, so that any process can answer the next. */
export async function answerMcp(
  services: Services,
  caller: Caller,
  request: Request,
  body: unknown,
): Promise<Response> {
  // A model is handed addresses that lead somewhere: where it reached this host, unless the settings say.
  const { settings } = services
  const here: Services = {
    ...services,
    settings: { ...settings, publicUrl: settings.publicUrl ?? new URL(request.url).origin },
  }
  const server = new Server(
    { name: 'cx', version: '0.1.0' },
    { capabilities: { tools: {} }, instructions: 'Search the connected sources, then fetch what looks right.' },
  )
  server.setRequestHandler(ListToolsRequestSchema, async () => ({ tools: tools.map(({ tool }) => tool) }))
  server.setRequestHandler(CallToolRequestSchema, async ({ params }) => {
    try {
      const value = await call(here, caller, params.name, params.arguments ?? {})
      return {
        content: [{ type: 'text', text: JSON.stringify(value) }],
        structuredContent: value as Record<string, unknown>,
      }
    } catch (error) {
      if (!(error instanceof ApiError)) services.log.error('An MCP tool failed.', { tool: params.name, error })
      const message = error instanceof ApiError ? error.message : 'Something went wrong inside the server; see its log.'
      return { content: [{ type: 'text', text: message }], isError: true }
    }
  })
  const transport = new WebStandardStreamableHTTPServerTransport({ enableJsonResponse: true })
  // The SDK's own types disagree under exactOptionalPropertyTypes.
  await server.connect(transport as Parameters<Server['connect']>[0])
  const headers = new Headers(request.headers)
  // Who takes anything takes both of what the protocol asks for.
  if (['*/*', null].includes(headers.get('accept'))) headers.set('accept', 'application/json, text/event-stream')
  return transport.handleRequest(new Request(request.url, { method: 'POST', headers }), { parsedBody: body })
}

async function call(services: Services, caller: Caller, name: string, input: unknown): Promise<unknown> {
  const found = tools.find(({ tool }) => tool.name === name)
  if (!found) throw new ApiError('not_found', `There is no tool "${name.slice(0, 100)}"; there are search and fetch.`)
  const problems = found.check(input)
  if (problems.length > 0) throw invalid(problems)
  return found.run(services, caller, input as never)
}
