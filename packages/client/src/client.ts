import type { Operations } from './generated/api.ts'
import { ApiKeys } from './resources/api-keys.ts'
import { Collections } from './resources/collections.ts'
import { Connectors } from './resources/connectors.ts'
import { Documents } from './resources/documents.ts'
import { Files } from './resources/files.ts'
import { OAuth } from './resources/oauth.ts'
import { Webhooks } from './resources/webhooks.ts'
import { type CallOptions, type CxClientOptions, createTransport, type Transport } from './transport.ts'

/** What a search is about, and the signal that ends it. */
export type SearchOptions = Operations['search']['body'] & CallOptions

/** Talks to one cx server with one API key. It holds no connection: there is nothing to close. */
export class CxClient {
  readonly connectors: Connectors
  readonly documents: Documents
  readonly files: Files
  readonly collections: Collections
  readonly oauth: OAuth
  readonly webhooks: Webhooks
  readonly apiKeys: ApiKeys
  readonly #transport: Transport

  constructor(options: CxClientOptions) {
    this.#transport = createTransport(options)
    this.connectors = new Connectors(this.#transport)
    this.documents = new Documents(this.#transport)
    this.files = new Files(this.#transport)
    this.collections = new Collections(this.#transport)
    this.oauth = new OAuth(this.#transport)
    this.webhooks = new Webhooks(this.#transport)
    this.apiKeys = new ApiKeys(this.#transport)
  }

  /** The best matches first. Keys without the scope `search:all` must name a `principal`. */
  search({ signal, timeoutMs, ...body }: SearchOptions): Promise<Operations['search']['data']> {
    return this.#transport.call('search', { body, options: { signal, timeoutMs } })
  }
}
