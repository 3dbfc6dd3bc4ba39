import type { File, Operations } from '../generated/api.ts'
import { createListing, type Listing, type QueryOf } from '../listing.ts'
import { createForm, type Upload } from '../multipart.ts'
import type { CallOptions, Transport } from '../transport.ts'

export interface UploadOptions extends CallOptions {
  /** Folder at the source to put them in. */
  readonly path?: string
}

/** What is at the source. */
export class Files {
  readonly #transport: Transport

  constructor(transport: Transport) {
    this.#transport = transport
  }

  /** Asks the source now. */
  list(connectorId: string, query?: QueryOf<'listFiles'>, options?: CallOptions): Listing<File> {
    return createListing(this.#transport, 'listFiles', query, { id: connectorId }, options)
  }

  /** Streams files to the source; a job, whose id is returned, then indexes them. With a stream among them it is tried once only. */
  upload(
    connectorId: string,
    files: Upload | readonly Upload[],
    { path, ...options }: UploadOptions = {},
  ): Promise<Operations['uploadFiles']['data']> {
    const { make, onlyOnce } = createForm('name' in files ? [files] : files, path)
    return this.#transport.call('uploadFiles', { params: { id: connectorId }, options, raw: make, onlyOnce })
  }

  /** Deletes files at the source; a job takes them out of the index. */
  delete(
    connectorId: string,
    paths: readonly string[],
    options?: CallOptions,
  ): Promise<Operations['deleteFiles']['data']> {
    return this.#transport.call('deleteFiles', { params: { id: connectorId }, body: { paths }, options })
  }
}
