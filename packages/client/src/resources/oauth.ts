import type { Operations } from '../generated/api.ts'
import type { CallOptions, Transport } from '../transport.ts'

/** Connectors that a person authorizes in the browser. */
export class OAuth {
  readonly #transport: Transport

  constructor(transport: Transport) {
    this.#transport = transport
  }

  /**
   * Begins the authorization of an existing connector (`connectorId`), or of one that is created once the person has agreed
   * (`provider` and `connector`). Send the person to `authUrl`; the connector is `active` when they have come back.
   */
  init(request: Operations['beginOAuth']['body'], options?: CallOptions): Promise<Operations['beginOAuth']['data']> {
    return this.#transport.call('beginOAuth', { body: request, options })
  }
}
