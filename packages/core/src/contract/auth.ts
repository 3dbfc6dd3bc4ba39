import type { Infer, JsonSchema } from './schema.ts'

/** Something a person types in: a token, a key pair, a service account. */
export interface SecretAuth<S extends JsonSchema = JsonSchema> {
  readonly kind: 'secret'
  readonly title?: string
  readonly schema: S
}

/** A way in that needs nothing from a person: a public source, or what the host's environment provides. */
export interface NoAuth {
  readonly kind: 'none'
  readonly title?: string
}

/** OAuth 2.0 authorization code; the host does state, PKCE, exchange, refresh and revocation from this declaration. */
export interface OAuth2 {
  readonly kind: 'oauth2'
  readonly title?: string
  readonly authorizationUrl: string
  readonly tokenUrl: string
  readonly revocationUrl?: string
  readonly scopes: readonly string[]
  /** Joins the scopes in the authorization request; a space unless told. */
  readonly scopeSeparator?: string
  /** `S256` unless the provider takes none. */
  readonly pkce: 'S256' | 'none'
  /** How the client proves itself at the token endpoint. */
  readonly clientAuthentication: 'basic' | 'body'
  /** Extra query parameters of the authorization request, such as `access_type: 'offline'`. */
  readonly authorizationParams?: Readonly<Record<string, string>>
  /** How requests to the token and revocation addresses are written: the standard's `form` unless the vendor takes `json` alone. */
  readonly tokenRequest?: 'form' | 'json'
  /** What these requests need besides, such as a vendor's version header. */
  readonly tokenHeaders?: Readonly<Record<string, string>>
  /**
   * What ends a grant at the revocation address: the `refresh_token`, which takes its access tokens with it, unless told;
   * the `access_token` where the vendor knows that one alone; `bearer` where it is the proof of the request itself.
   */
  readonly revocation?: 'refresh_token' | 'access_token' | 'bearer'
  /** Where customers have sign-in hosts of their own. */
  readonly ownHost?: OwnHost
}

/** Takes the host of an {@link OAuth2} from a connector's configuration; the declared addresses keep their paths. */
export interface OwnHost {
  /** Fields of the configuration that hold an address; the first that is set counts. */
  readonly fields: readonly string[]
  /**
   * Hosts of the vendor, such as `*.salesforce.com`, asked over https. No other one is: client secret and refresh token
   * would go to whoever was typed in.
   */
  readonly hosts: readonly string[]
}

export type Auth = SecretAuth | NoAuth | OAuth2

/** Declares credentials that a person types in. Mark secret fields `writeOnly`. */
export function secret<const S extends JsonSchema>(schema: S, title?: string): SecretAuth<S> {
  return { kind: 'secret', schema, ...(title === undefined ? {} : { title }) }
}

/** Declares that the source can be used without credentials. */
export function none(title?: string): NoAuth {
  return { kind: 'none', ...(title === undefined ? {} : { title }) }
}

/** Declares an OAuth 2.0 way in. */
export function oauth2(
  options: Omit<OAuth2, 'kind' | 'pkce' | 'clientAuthentication'> &
    Partial<Pick<OAuth2, 'pkce' | 'clientAuthentication'>>,
): OAuth2 {
  return { kind: 'oauth2', pkce: 'S256', clientAuthentication: 'body', ...options }
}

/** What {@link OAuth2} gives a connector: an access token the host keeps fresh. */
export interface OAuthCredentials {
  readonly accessToken: string
  /** The provider's other fields of the token answer, such as Salesforce's `instance_url`. */
  readonly extra: Readonly<Record<string, string>>
}

type CredentialsOf<A> = A extends SecretAuth<infer S> ? Infer<S> : A extends OAuth2 ? OAuthCredentials : unknown

/** A union told apart by `method`, one member for each declared way in. A connector that declares none gets `{ method: 'none' }`. */
export type Credentials<A> = keyof A extends never
  ? { readonly method: 'none' }
  : { [M in keyof A]: { readonly method: M } & CredentialsOf<A[M]> }[keyof A]
