import type { Operations } from '../generated/api.ts'
import type { CallOptions, Transport } from '../transport.ts'

// By hand after the API's reference until the server declares these operations; a test says when it does.

/** An existing connector, or one that is created once the person has agreed. */
export type OAuthRequest =
  | { readonly connectorId: string; readonly returnUrl?: string }
  | {
      readonly provider: string
      readonly connector: Omit<Operations['createConnector']['body'], 'type' | 'credentials'>
      readonly returnUrl?: string
    }

export interface OAuthStart {
  /** Where to send the person. */
  readonly authUrl: string
  readonly state: string
  readonly expiresAt: string
}

/** Connectors that a person authorizes in the browser. */
export class OAuth {
  readonly #transport: Transport

  constructor(transport: Transport) {
    this.#transport = transport
  }

  /** Begins the authorization; the connector is `active` once the person has come back from `authUrl`. */
  async init(request: OAuthRequest, options?: CallOptions): Promise<OAuthStart> {
    return (await this.#transport.envelope<OAuthStart>('POST', '/oauth/init', { body: request, options })).data
  }
}
