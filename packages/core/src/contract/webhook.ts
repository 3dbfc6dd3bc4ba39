/** One HTTP request that a source sent to the host. */
export interface Delivery {
  readonly headers: Headers
  /** The raw body, as signed. */
  readonly body: Uint8Array
  readonly query: URLSearchParams
  /** Epoch milliseconds. */
  readonly receivedAt: number
}

/** A keyed hash over the delivery; the host compares in constant time and fails closed without a secret. */
export interface Hmac {
  readonly kind: 'hmac'
  readonly hash: 'sha1' | 'sha256' | 'sha512'
  readonly header: string
  /** What stands before the digest, such as `sha256=`. */
  readonly prefix?: string
  readonly encoding: 'hex' | 'base64'
  /** The signed text; the raw body unless told. */
  readonly signed?: (delivery: Delivery) => string | Uint8Array
  /** Header with the sender's unix time in seconds, refused when more than five minutes off. */
  readonly timestampHeader?: string
}

/** A scheme that is not a plain HMAC: a shared token, a certificate. Must fail closed. */
export interface CustomVerification {
  readonly kind: 'custom'
  verify(delivery: Delivery, secret: string): boolean | Promise<boolean>
}

export type Verification = Hmac | CustomVerification

/** Declares an HMAC-signed webhook. */
export function hmac(options: Omit<Hmac, 'kind' | 'encoding'> & { readonly encoding?: Hmac['encoding'] }): Hmac {
  return { kind: 'hmac', encoding: 'hex', ...options }
}

/** What a delivery means for the index. */
export type Receipt =
  | { readonly kind: 'affected'; readonly paths: readonly string[]; readonly deliveryId?: string }
  | { readonly kind: 'resync'; readonly reason: string; readonly deliveryId?: string }
  | { readonly kind: 'ignored'; readonly reason: string; readonly deliveryId?: string }
  | { readonly kind: 'handshake'; readonly body: string; readonly contentType?: string; readonly secret?: string }

/**
 * These paths changed: the host runs a targeted sync of them. Documents at these very paths are read even when their
 * version is the one that is indexed; under a path that ends in `/` versions decide. `deliveryId` lets it drop repeats.
 */
export function affected(paths: readonly string[], deliveryId?: string): Receipt {
  return { kind: 'affected', paths, ...(deliveryId === undefined ? {} : { deliveryId }) }
}

/** Something changed, but the delivery does not say which paths: the host runs a normal sync. */
export function resync(reason: string, deliveryId?: string): Receipt {
  return { kind: 'resync', reason, ...(deliveryId === undefined ? {} : { deliveryId }) }
}

/** Nothing to do. */
export function ignored(reason: string, deliveryId?: string): Receipt {
  return { kind: 'ignored', reason, ...(deliveryId === undefined ? {} : { deliveryId }) }
}

/** The source asks for proof that this address is ours: answer with `body`. A source that hands over its signing secret in the handshake passes it as `secret`. */
export function handshake(
  body: string,
  options: { readonly contentType?: string; readonly secret?: string } = {},
): Receipt {
  return { kind: 'handshake', body, ...options }
}
