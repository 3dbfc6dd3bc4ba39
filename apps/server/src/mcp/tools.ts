import type { Caller } from '../access.ts'
import { notFound } from '../http/errors.ts'
import { object } from '../http/schema.ts'
import { collectionsToRead, readDocument, readerOf } from '../reading.ts'
import type { Services } from '../services.ts'

const principal = {
  type: 'string',
  minLength: 1,
  maxLength: 320,
  description:
    'The person asking, by e-mail or source id: only what they may read is found. Leave it out when the key is bound to a person.',
} as const

export const searchInput = object(
  {
    query: {
      type: 'string',
      minLength: 1,
      maxLength: 10_000,
      description: 'Words; "phrases in quotes"; -without; either OR other.',
    },
    principal,
  },
  ['query'],
)

export const fetchInput = object(
  { id: { type: 'string', minLength: 1, maxLength: 100, description: 'Of a result of `search`.' }, principal },
  ['id'],
)

const text = { type: 'string' } as const
const found = object({ id: text, title: text, url: text, text }, ['id', 'title', 'url', 'text'])
export const searchOutput = object({ results: { type: 'array', items: found } }, ['results'])
export const fetchOutput = object(
  { id: text, title: text, text, url: text, metadata: { type: 'object', additionalProperties: true } },
  ['id', 'title', 'text', 'url', 'metadata'],
)

/** Documents of one answer. */
const most = 10
/** Longer ones are cut; `metadata.truncated` says so. */
const mostCharacters = 1_000_000

/** Finds documents; one with several matching parts comes once, with the best. */
export async function search(
  services: Services,
  caller: Caller,
  { query, principal }: { readonly query: string; readonly principal?: string },
): Promise<{ readonly results: readonly Readonly<Record<string, string>>[] }> {
  const reader = readerOf(caller, principal)
  const collections = await collectionsToRead(services, caller)
  if (collections.length === 0) return { results: [] }
  const { hits } = await services.store.search({
    query,
    collections,
    limit: most * 3,
    offset: 0,
    ...(reader !== undefined && { principal: reader }),
  })
  const best = new Map<string, Readonly<Record<string, string>>>()
  for (const { documentId: id, connectorId, title, url, snippet } of hits)
    if (!best.has(id) && best.size < most)
      best.set(id, { id, title, url: url ?? ownUrl(services, connectorId, id), text: plain(snippet) })
  return { results: [...best.values()] }
}

/** Reads a document whole. @throws ApiError `not_found` */
export async function fetchDocument(
  services: Services,
  caller: Caller,
  { id, principal }: { readonly id: string; readonly principal?: string },
): Promise<Readonly<Record<string, unknown>>> {
  const reader = readerOf(caller, principal)
  const { store, sight } = services
  const known = await store.document(id)
  if (!known || known.status === 'deleted') throw notFound('document', id)
  const document = await readDocument(services, await sight.document(caller, known.connectorId, id), reader)
  let text = ''
  for await (const piece of store.content(id)) {
    text += piece
    if (text.length > mostCharacters) break
  }
  const { entry, connectorId, collectionId, mimeType, language } = document
  return {
    id,
    title: document.title ?? entry.title ?? entry.path,
    text: text.slice(0, mostCharacters),
    url: entry.url ?? ownUrl(services, connectorId, id),
    metadata: {
      path: entry.path,
      connector: connectorId,
      collection: collectionId,
      ...(entry.author !== undefined && { author: entry.author }),
      ...(entry.updatedAt !== undefined && { updatedAt: entry.updatedAt }),
      ...(mimeType !== null && { contentType: mimeType }),
      ...(language !== null && { language }),
      ...(text.length > mostCharacters && { truncated: true }),
    },
  }
}

/** Where a document without an address of its own can be read. */
function ownUrl({ settings }: Services, connectorId: string, id: string): string {
  return `${settings.publicUrl ?? ''}/api/v1/connectors/${connectorId}/documents/${id}/content`
}

const entities: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', '#39': "'", '#x27': "'" }

/** A snippet without marks and escapes. */
function plain(snippet: string): string {
  return snippet
    .replaceAll(/<\/?mark>/g, '')
    .replaceAll(/&(amp|lt|gt|quot|#39|#x27);/g, (whole, name: string) => entities[name] ?? whole)
}
