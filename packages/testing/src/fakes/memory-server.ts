import type { MemoryDocument, MemorySource } from './memory-source.ts'

const encoder = new TextEncoder()

/** The id of the document that was made as number `number`. */
export function memoryId(number: number): string {
  return `m${String(number).padStart(8, '0')}`
}

/** The memory source's interface: a small web API, without sockets. */
export function serveMemory(source: MemorySource, pageSize: number): typeof globalThis.fetch {
  const { state } = source
  return async (input, init) => {
    const request = new Request(input, init)
    request.signal.throwIfAborted()
    const url = new URL(request.url)
    if (state.token !== undefined && request.headers.get('authorization') !== `Bearer ${state.token}`)
      return problem(401, 'The token is not known.')
    if (url.searchParams.get('space') === 'nowhere') return problem(422, 'There is no such space.')
    const [, kind, id, part] = url.pathname.split('/')
    if (kind === 'me') return Response.json({ account: 'memory', tenant: 'memory-1' })
    if (kind === 'items' && id === undefined && request.method === 'GET') return items(source, url, pageSize)
    if (kind === 'items' && id === undefined) return upload(source, url, request)
    if (kind === 'items' && request.method === 'DELETE') return removal(source, id!)
    if (kind === 'items' && part === 'content') return content(source, id!)
    if (kind === 'changes') return changes(source, url, pageSize)
    if (kind === 'acls') return acls(source, (await request.json()) as string[])
    if (kind === 'groups') return Response.json([...state.groups].map(([name, members]) => ({ id: name, members })))
    return problem(404, `There is no ${url.pathname}.`)
  }
}

function problem(status: number, message: string): Response {
  return Response.json({ error: message }, { status })
}

function wire({ id, path, version, updatedAt, content: body, readers, denied }: MemoryDocument) {
  const size = typeof body === 'string' ? encoder.encode(body).length : body.bytes
  return denied ? { id, path, denied } : { id, path, version, updatedAt, size, readers }
}

async function items({ state }: MemorySource, url: URL, pageSize: number): Promise<Response> {
  const after = url.searchParams.get('after') ?? ''
  await state.onPage?.(Number(url.searchParams.get('page') ?? 1))
  // Ids count up and are never given twice, so pages survive edits.
  const page: MemoryDocument[] = []
  let more = false
  for (let number = Number(after.slice(1)) + 1; number <= state.made; number++) {
    const document = state.documents.get(memoryId(number))
    if (document === undefined) continue
    more = page.length === pageSize
    if (more) break
    page.push(document)
  }
  const repeated = state.repeatEntries ? state.documents.get(after) : undefined
  return Response.json({
    items: [...(repeated ? [repeated] : []), ...page].map(wire),
    next: more && !state.truncated ? page.at(-1)!.id : null,
    truncated: more && state.truncated,
  })
}

async function upload(source: MemorySource, url: URL, request: Request): Promise<Response> {
  return Response.json(wire(source.put(url.searchParams.get('path')!, await request.text())))
}

function removal(source: MemorySource, id: string): Response {
  const document = source.state.documents.get(id)
  if (document === undefined) return problem(404, 'Gone.')
  source.remove(document.path)
  return Response.json({})
}

function content({ state }: MemorySource, id: string): Response {
  const document = state.documents.get(id)
  if (document === undefined) return problem(404, 'Gone.')
  if (document.denied) return problem(403, 'No access.')
  state.contentReads += 1
  if (typeof document.content === 'string') return new Response(document.content)
  return new Response(generated(document.content.bytes))
}

function generated(bytes: number): ReadableStream<Uint8Array> {
  let left = bytes
  return new ReadableStream({
    pull(controller) {
      if (left === 0) return controller.close()
      const size = Math.min(left, 65_536)
      left -= size
      controller.enqueue(new Uint8Array(size))
    },
  })
}

function changes({ state }: MemorySource, url: URL, pageSize: number): Response {
  const since = url.searchParams.get('since')
  if (since === null) return Response.json({ next: `${state.epoch}.${state.feed.length}` })
  const [epoch, from] = /^(\d+)\.(\d+)$/.exec(since)?.slice(1).map(Number) ?? []
  if (epoch !== state.epoch || from === undefined || from > state.feed.length)
    return problem(410, 'The cursor is not known.')
  const page = state.feed.slice(from, from + pageSize)
  const upTo = from + page.length
  return Response.json({
    changes: page.map(({ id }) => {
      const document = state.documents.get(id)
      return document ? wire(document) : { id, removed: true }
    }),
    next: `${epoch}.${upTo}`,
    more: upTo < state.feed.length,
  })
}

function acls({ state }: MemorySource, ids: readonly string[]): Response {
  return Response.json(
    ids.flatMap((id) => {
      const document = state.documents.get(id)
      return document ? [{ id, readers: document.readers }] : []
    }),
  )
}
