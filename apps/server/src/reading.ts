import type { DocumentRecord } from '@cx/store'
import type { Caller } from './access.ts'
import { ApiError, notFound } from './http/errors.ts'
import type { Services } from './services.ts'

/** A scope that begins so binds a key to the person named behind it. */
const personScope = 'principal:'

/** The person a key reads for, and for nobody else. */
export function boundTo({ scopes }: Caller): string | undefined {
  return scopes.find((scope) => scope.startsWith(personScope))?.slice(personScope.length)
}

/**
 * Whose eyes a request reads with; undefined reads everything that the key sees.
 *
 * @throws ApiError `forbidden` when a key may not read like that.
 */
export function readerOf(caller: Caller, asked: string | undefined): string | undefined {
  const { scopes } = caller
  const bound = boundTo(caller)
  if (bound !== undefined) {
    if (asked === undefined || asked === bound) return bound
    throw new ApiError('forbidden', `This key reads for ${bound} alone: leave out \`principal\`, or use another key.`)
  }
  if (asked === undefined && !scopes.includes('search:all'))
    throw new ApiError(
      'forbidden',
      'This key reads only on behalf of a person: name one in `principal`, or use a key with the scope "search:all".',
    )
  return asked
}

/**
 * For lists that show what others may read as well.
 *
 * @throws ApiError `forbidden` for a key that is bound to a person.
 */
export function requireUnbound(caller: Caller): void {
  const person = boundTo(caller)
  if (person === undefined) return
  throw new ApiError(
    'forbidden',
    `This key reads for ${person} alone, and this shows what others may read: POST /search finds what ${person} may, or use another key.`,
  )
}

/** The document, if this reader may read it. @throws ApiError `not_found` also when not. */
export async function readDocument(
  { store }: Pick<Services, 'store'>,
  document: DocumentRecord,
  reader: string | undefined,
): Promise<DocumentRecord> {
  if (reader === undefined || (await store.explainAccess(document.id, reader))?.allowed) return document
  throw notFound('document', document.id)
}

/** The ids of the collections to look in: those that were named, else all that the key sees. @throws ApiError `not_found` */
export async function collectionsToRead(
  { store }: Pick<Services, 'store'>,
  caller: Caller,
  named?: readonly string[],
): Promise<readonly string[]> {
  if (!named) return caller.collections ?? store.collectionIds()
  const ids = await store.collectionIds(named)
  return ids.map((id, i) => {
    if (id === undefined || !(caller.collections?.includes(id) ?? true)) throw notFound('collection', named[i] ?? '')
    return id
  })
}
