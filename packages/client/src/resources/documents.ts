import type { Access, Chunk, Document, Operations } from '../generated/api.ts'
import { createListing, type Listing, type QueryOf } from '../listing.ts'
import type { CallOptions, Transport } from '../transport.ts'

/** What is indexed. */
export class Documents {
  readonly #transport: Transport

  constructor(transport: Transport) {
    this.#transport = transport
  }

  list(connectorId: string, query?: QueryOf<'listDocuments'>, options?: CallOptions): Listing<Document> {
    return createListing(this.#transport, 'listDocuments', query, { id: connectorId }, options)
  }

  get(connectorId: string, documentId: string, options?: CallOptions): Promise<Document> {
    return this.#transport.call('getDocument', { params: { id: connectorId, documentId }, options })
  }

  /** Takes it out of the index; the source keeps it. */
  delete(
    connectorId: string,
    documentId: string,
    options?: CallOptions,
  ): Promise<Operations['deleteDocument']['data']> {
    return this.#transport.call('deleteDocument', { params: { id: connectorId, documentId }, options })
  }

  /** The extracted Markdown, as it arrives: `.body` is a stream, `.text()` all of it. */
  content(
    connectorId: string,
    documentId: string,
    query?: QueryOf<'getDocumentContent'>,
    options?: CallOptions,
  ): Promise<Response> {
    const headers = { Accept: 'text/markdown, application/json' }
    return this.#transport.open('getDocumentContent', {
      params: { id: connectorId, documentId },
      query,
      options,
      headers,
    })
  }

  chunks(
    connectorId: string,
    documentId: string,
    query?: QueryOf<'listDocumentChunks'>,
    options?: CallOptions,
  ): Listing<Chunk> {
    return createListing(this.#transport, 'listDocumentChunks', query, { id: connectorId, documentId }, options)
  }

  /** Whether a person (an e-mail or a source id) may read it, and through which group, rule or restriction. */
  access(connectorId: string, documentId: string, principal: string, options?: CallOptions): Promise<Access> {
    return this.#transport.call('explainAccess', {
      params: { id: connectorId, documentId },
      query: { principal },
      options,
    })
  }
}
