// contract/auth.d.ts
import type { Infer, JsonSchema } from './schema.ts';
/** Something a person types in: a token, a key pair, a service account. */
export interface SecretAuth<S extends JsonSchema = JsonSchema> {
    readonly kind: 'secret';
    readonly title?: string;
    readonly schema: S;
}
/** A way in that needs nothing from a person: a public source, or what the host's environment provides. */
export interface NoAuth {
    readonly kind: 'none';
    readonly title?: string;
}
/** OAuth 2.0 authorization code; the host does state, PKCE, exchange, refresh and revocation from this declaration. */
export interface OAuth2 {
    readonly kind: 'oauth2';
    readonly title?: string;
    readonly authorizationUrl: string;
    readonly tokenUrl: string;
    readonly revocationUrl?: string;
    readonly scopes: readonly string[];
    /** Joins the scopes in the authorization request; a space unless told. */
    readonly scopeSeparator?: string;
    /** `S256` unless the provider takes none. */
    readonly pkce: 'S256' | 'none';
    /** How the client proves itself at the token endpoint. */
    readonly clientAuthentication: 'basic' | 'body';
    /** Extra query parameters of the authorization request, such as `access_type: 'offline'`. */
    readonly authorizationParams?: Readonly<Record<string, string>>;
    /** How requests to the token and revocation addresses are written: the standard's `form` unless the vendor takes `json` alone. */
    readonly tokenRequest?: 'form' | 'json';
    /** What these requests need besides, such as a vendor's version header. */
    readonly tokenHeaders?: Readonly<Record<string, string>>;
    /**
     * What ends a grant at the revocation address: the `refresh_token`, which takes its access tokens with it, unless told;
     * the `access_token` where the vendor knows that one alone; `bearer` where it is the proof of the request itself.
     */
    readonly revocation?: 'refresh_token' | 'access_token' | 'bearer';
    /** Where customers have sign-in hosts of their own. */
    readonly ownHost?: OwnHost;
}
/** Takes the host of an {@link OAuth2} from a connector's configuration; the declared addresses keep their paths. */
export interface OwnHost {
    /** Fields of the configuration that hold an address; the first that is set counts. */
    readonly fields: readonly string[];
    /**
     * Hosts of the vendor, such as `*.salesforce.com`, asked over https. No other one is: client secret and refresh token
     * would go to whoever was typed in.
     */
    readonly hosts: readonly string[];
}
export type Auth = SecretAuth | NoAuth | OAuth2;
/** Declares credentials that a person types in. Mark secret fields `writeOnly`. */
export declare function secret<const S extends JsonSchema>(schema: S, title?: string): SecretAuth<S>;
/** Declares that the source can be used without credentials. */
export declare function none(title?: string): NoAuth;
/** Declares an OAuth 2.0 way in. */
export declare function oauth2(options: Omit<OAuth2, 'kind' | 'pkce' | 'clientAuthentication'> & Partial<Pick<OAuth2, 'pkce' | 'clientAuthentication'>>): OAuth2;
/** What {@link OAuth2} gives a connector: an access token the host keeps fresh. */
export interface OAuthCredentials {
    readonly accessToken: string;
    /** The provider's other fields of the token answer, such as Salesforce's `instance_url`. */
    readonly extra: Readonly<Record<string, string>>;
}
type CredentialsOf<A> = A extends SecretAuth<infer S> ? Infer<S> : A extends OAuth2 ? OAuthCredentials : unknown;
/** A union told apart by `method`, one member for each declared way in. A connector that declares none gets `{ method: 'none' }`. */
export type Credentials<A> = keyof A extends never ? {
    readonly method: 'none';
} : {
    [M in keyof A]: {
        readonly method: M;
    } & CredentialsOf<A[M]>;
}[keyof A];
export {};

// contract/connector.d.ts
import type { Auth, Credentials } from './auth.ts';
import type { Acl, Checkpoint, Content, Entry, Principal, Removed } from './entry.ts';
import type { Infer, Json, JsonSchema } from './schema.ts';
import type { Delivery, Receipt, Verification } from './webhook.ts';
/** Structured logging. Fields must not hold secrets; the host masks those it knows. */
export interface Log {
    debug(message: string, fields?: Readonly<Record<string, unknown>>): void;
    info(message: string, fields?: Readonly<Record<string, unknown>>): void;
    warn(message: string, fields?: Readonly<Record<string, unknown>>): void;
    error(message: string, fields?: Readonly<Record<string, unknown>>): void;
}
/**
 * Finds the addresses of a name, in the shape that sockets and drivers take:
 * https://nodejs.org/api/net.html#socketconnectoptions-connectlistener
 */
export type Lookup = (hostname: string, options: {
    readonly all?: boolean | undefined;
    readonly family?: number | 'IPv4' | 'IPv6' | undefined;
}, callback: (error: Error | null, address: string | {
    address: string;
    family: number;
}[], family?: number | undefined) => void) => void;
/** What `connect` gets: the only place that sees credentials. */
export interface Connection<C, A> {
    readonly config: C;
    /** Fresh credentials at each call; OAuth tokens are refreshed by the host before they expire. Pass `refused` when the source said 401 to the last ones. */
    credentials(options?: {
        readonly refused?: boolean;
    }): Promise<Credentials<A>>;
    /** The host's `fetch`: rate limits, retries, egress rules and tracing. Give it to any SDK that takes one. */
    readonly fetch: typeof globalThis.fetch;
    /**
     * For drivers that open sockets of their own: finds only addresses that the host's egress rules allow, so that what
     * was checked is what is connected to. Absent where the host restricts nothing; the driver's own is right then.
     */
    readonly lookup?: Lookup;
    readonly log: Log;
    readonly signal: AbortSignal;
}
/** What every verb gets besides its session. */
export interface Run<C> {
    readonly config: C;
    readonly log: Log;
    /** Aborted on cancel and shutdown; pass it on to every call. */
    readonly signal: AbortSignal;
}
export interface ListRun<C> extends Run<C> {
    /** The last committed checkpoint of an unfinished listing: go on after it. */
    readonly resume?: Json;
    /** Only these paths are asked for (a trailing `/` means the subtree). A hint: what is yielded besides is ignored. */
    readonly paths?: readonly string[];
    /** This part could not be listed: it is reported, and nothing under it is deleted. */
    unreadable(path: string, error: unknown): void;
}
/** One capability that `check` looked at. */
export interface CapabilityCheck {
    readonly capability: string;
    readonly status: 'ok' | 'failed' | 'skipped';
    readonly message: string;
    readonly remediation?: string;
}
export interface CheckResult {
    /** Who or what we are at the source, for people. */
    readonly account: string;
    /** Pinned at the first check: a sync against another one is refused. */
    readonly tenant?: string;
    readonly checks?: readonly CapabilityCheck[];
}
/** One file on its way to the source. */
export interface Upload {
    readonly path: string;
    readonly body: ReadableStream<Uint8Array>;
    /** Bytes, when known. */
    readonly size?: number;
    readonly mimeType: string;
}
/** One step of a picker. */
export interface BrowseItem {
    readonly path: string;
    readonly title: string;
    readonly hasChildren: boolean;
    /** Whether it can be put into the configuration. */
    readonly selectable: boolean;
}
/**
 * How fast a source lets one credential call. The host keeps just below it, waits as the source says when it refuses all the
 * same, and then goes as fast as it turned out to allow. Without any, calls go as they come until the source first refuses.
 */
export interface Rate {
    readonly requestsPerMinute?: number;
    /** Goes up to so much, slowly, while nothing is refused: for sources that document an average, or a minimum. */
    readonly upToPerMinute?: number;
    /** Calls that may come at once after a quiet time; about 1 % of a minute's unless told. */
    readonly burst?: number;
}
/** What {@link Definition.limits} says. Name the vendor's page beside the numbers. */
export interface Limits extends Rate {
    /** Reads at once; 16 unless told. */
    readonly concurrency?: number;
    /** For a source that counts some kinds of calls apart from others: which kind a call is of, and that kind's own rate. Undefined: the common one. */
    rateOf?(url: URL): (Rate & {
        readonly bucket: string;
    }) | undefined;
}
/** A connector's whole declaration. A capability is the presence of its group. */
export interface Definition<C extends JsonSchema, A extends {
    readonly [method: string]: Auth;
}, S, K extends Json> {
    /** snake_case: `google_drive` in `@cx/plugin-google-drive`. */
    readonly name: string;
    readonly title: string;
    readonly description: string;
    readonly config: C;
    readonly auth: A;
    readonly limits?: Limits;
    /** Raise it when the connector turns the same source bytes into different content: documents are read again. */
    readonly rendering?: number;
    /** Makes the session; called once a run. */
    connect(connection: Connection<Infer<C>, A>): S | Promise<S>;
    /** Called once after the run, also after an error. */
    close?(session: S): void | Promise<void>;
    /** Cheap proof that the session works, by the same kind of call that a sync makes. */
    check(session: S, run: Run<Infer<C>>): Promise<CheckResult>;
    /** Every entry there is, in a stable order. Metadata only. */
    list(session: S, run: ListRun<Infer<C>>): AsyncIterable<Entry | Checkpoint>;
    /** The content of one entry, as a stream where it can be large. Called only for versions that are not indexed. */
    read(session: S, entry: Entry, run: Run<Infer<C>>): Promise<Content>;
    readonly changes?: {
        /** The cursor of this moment: taken before a listing, stored after it. Null when this configuration has no feed. */
        now(session: S, run: Run<Infer<C>>): Promise<K | null>;
        /** What happened since, in order; a final checkpoint carries the next cursor. */
        since(session: S, cursor: K, run: Run<Infer<C>>): AsyncIterable<Entry | Removed | Checkpoint<K>>;
    };
    readonly permissions?: {
        /** Access lists of these entries, without reading content. An entry that is not yielded keeps its last known list. */
        acls(session: S, entries: readonly Entry[], run: Run<Infer<C>>): AsyncIterable<{
            readonly id: string;
            readonly acl: Acl;
        }>;
        /** Every group that the access lists name, with its direct members. */
        groups?(session: S, run: Run<Infer<C>>): AsyncIterable<{
            readonly id: string;
            readonly members: readonly Principal[];
        }>;
    };
    readonly webhook?: {
        readonly verify: Verification;
        /** What a verified delivery means. Pure: no calls. */
        receive(delivery: Delivery, config: Infer<C>): Receipt;
        /** Registers `url` at the source; returns when it must be renewed (epoch ms) and a handle for it. */
        subscribe?(session: S, target: {
            readonly url: string;
            readonly secret: string;
        }, run: Run<Infer<C>>): Promise<{
            readonly handle: Json;
            readonly expiresAt?: number;
        }>;
        renew?(session: S, handle: Json, target: {
            readonly url: string;
            readonly secret: string;
        }, run: Run<Infer<C>>): Promise<{
            readonly handle: Json;
            readonly expiresAt?: number;
        }>;
    };
    readonly write?: {
        /** Stores one file at the source and returns it as `list` would. Streams; never buffers whole. */
        put(session: S, upload: Upload, run: Run<Infer<C>>): Promise<Entry>;
        remove?(session: S, entry: Entry, run: Run<Infer<C>>): Promise<void>;
    };
    readonly browse?: {
        /** What lies directly under `path`; the root is the empty string. */
        children(session: S, path: string, run: Run<Infer<C>>): AsyncIterable<BrowseItem>;
    };
}
/** The version of this contract; a host loads plugins of its own version. */
export declare const apiVersion = 1;
/** A connector as the host sees it: validated config in, nothing generic left. */
export interface SourceConnector extends Definition<JsonSchema, {
    readonly [method: string]: Auth;
}, unknown, Json> {
    readonly apiVersion: number;
}
/**
 * Declares a connector. Types flow from `config` and `auth` into every verb, and from `connect` to the session.
 *
 * @throws TypeError when the name is not snake_case or the config schema is not an object schema.
 */
export declare function defineConnector<const C extends JsonSchema, const A extends {
    readonly [method: string]: Auth;
}, S, K extends Json = Json>(definition: Definition<C, A, S, K>): SourceConnector;

// contract/entry.d.ts
import type { Json } from './schema.ts';
/** Someone or something that can be allowed to read. Ids are the source's own; emails are compared case-insensitively. */
export type Principal = {
    readonly type: 'user';
    readonly id: string;
    readonly email?: string;
} | {
    readonly type: 'group';
    readonly id: string;
} | {
    readonly type: 'domain';
    readonly id: string;
} | {
    readonly type: 'anyone';
};
/** Readable by whoever is in every one of these sets, and not denied. One set is the common case; page restrictions under a space need two. */
export interface Acl {
    readonly allOf: readonly (readonly Principal[])[];
    readonly deny?: readonly Principal[];
}
/** One document as its source lists it: everything but the content. */
export interface Entry {
    /** Unique in the connection; outlives a rename where the source has such an id. */
    readonly id: string;
    /** '/'-separated, for people and `file_filter`; never normalised beyond what the source says. */
    readonly path: string;
    /** An etag, revision, sha or time of change: opaque, compared for equality only. */
    readonly version: string;
    readonly title?: string;
    readonly mimeType?: string;
    /** Bytes. */
    readonly size?: number;
    /** RFC 3339. */
    readonly createdAt?: string;
    /** RFC 3339. */
    readonly updatedAt?: string;
    readonly url?: string;
    readonly author?: string;
    /** When the listing gives it for free; otherwise implement `permissions`. Absent = not known = nobody. */
    readonly acl?: Acl;
    /** Set when the source says now that the content cannot be had (archived, too large to export): recorded as skipped, `read` is not called. */
    readonly unavailable?: string;
    /** What `read` needs again; comes back untouched. */
    readonly ref?: Json;
    readonly metadata?: Readonly<Record<string, Json>>;
}
/** Yielded by a change feed: the entry is gone at the source. */
export interface Removed {
    readonly kind: 'removed';
    readonly id: string;
}
/** Yielded between entries: everything before it can be skipped when the run resumes from `cursor`. */
export interface Checkpoint<K extends Json = Json> {
    readonly kind: 'checkpoint';
    readonly cursor: K;
}
/** The entry with this id is gone at the source. Only a change feed may say so. */
export declare function removed(id: string): Removed;
/** A place to resume from, covering everything yielded before it. Small: at most a few kilobytes of JSON. */
export declare function checkpoint<const K extends Json>(cursor: K): Checkpoint<K>;
/** The content of one entry. A body that fails half-way fails the entry; nothing partial is stored. */
export interface Content {
    readonly body: ReadableStream<Uint8Array> | Uint8Array | string;
    /** A hint; the parser looks at the bytes first. */
    readonly mimeType: string;
    readonly filename?: string;
    /** Replaces the entry's title. */
    readonly title?: string;
}

// contract/errors.d.ts
/** What the engine does about an error. */
export type ConnectorErrorCode = 
/** Stop, ask the user to reconnect. */
'unauthenticated'
/** This part is not readable: report it, delete nothing under it. */
 | 'forbidden'
/** Fail the run and show the message. */
 | 'misconfigured'
/** The entry is gone. */
 | 'not_found'
/** Wait `retryAfterMs`, same call again. */
 | 'rate_limited'
/** Back off, retry. */
 | 'unavailable'
/** Forget the cursor, list again. */
 | 'cursor_expired'
/** This entry only: record it, go on. */
 | 'unprocessable';
export interface ConnectorErrorOptions {
    /** How long the source asks us to wait, in milliseconds. */
    readonly retryAfterMs?: number;
    /** What the person can do about it, when the message does not say. */
    readonly remediation?: string;
    readonly cause?: unknown;
}
/**
 * The one error a connector throws. The message is shown to people: say what is wrong, where, and what to do.
 * Anything else that is thrown counts as `unavailable` while listing and as `unprocessable` while reading.
 */
export declare class ConnectorError extends Error {
    readonly name = "ConnectorError";
    readonly code: ConnectorErrorCode;
    readonly retryAfterMs: number | undefined;
    readonly remediation: string | undefined;
    constructor(code: ConnectorErrorCode, message: string, options?: ConnectorErrorOptions);
}
/** Whether this is a connector's error, by name and code: errors cross threads and package copies, so never `instanceof`. */
export declare function isConnectorError(error: unknown): error is ConnectorError;

// contract/schema.d.ts
/** What survives JSON, structured clone and a restart. */
export type Json = null | boolean | number | string | readonly Json[] | {
    readonly [key: string]: Json;
};
/** The part of JSON Schema 2020-12 that forms need; validated by ajv, read by {@link Infer}. */
export interface JsonSchema {
    readonly type?: 'object' | 'array' | 'string' | 'number' | 'integer' | 'boolean';
    readonly title?: string;
    readonly description?: string;
    readonly default?: Json;
    readonly examples?: readonly Json[];
    readonly enum?: readonly (string | number)[];
    readonly properties?: {
        readonly [name: string]: JsonSchema;
    };
    readonly required?: readonly string[];
    readonly items?: JsonSchema;
    readonly additionalProperties?: boolean;
    readonly format?: string;
    readonly pattern?: string;
    readonly minimum?: number;
    readonly maximum?: number;
    readonly minLength?: number;
    readonly maxLength?: number;
    readonly minItems?: number;
    readonly maxItems?: number;
    readonly uniqueItems?: boolean;
    /** Rendered as a password, encrypted at rest, never returned. */
    readonly writeOnly?: boolean;
}
type Flatten<T> = {
    [K in keyof T]: T[K];
};
/** Keys that are there after validation: required ones and ones with a default. */
type Present<P, R> = {
    [K in keyof P]: K extends R ? K : P[K] extends {
        readonly default: Json;
    } ? K : never;
}[keyof P];
type InferObject<P, R> = Flatten<{
    readonly [K in Present<P, R>]: Infer<P[K]>;
} & {
    readonly [K in Exclude<keyof P, Present<P, R>>]?: Infer<P[K]>;
}>;
/** The TypeScript type of the values a schema accepts; a key with a default is there after validation. */
export type Infer<S> = S extends {
    readonly enum: readonly (infer E)[];
} ? E : S extends {
    readonly type: 'string';
} ? string : S extends {
    readonly type: 'number' | 'integer';
} ? number : S extends {
    readonly type: 'boolean';
} ? boolean : S extends {
    readonly type: 'array';
    readonly items: infer I;
} ? readonly Infer<I>[] : S extends {
    readonly properties: infer P;
} ? InferObject<P, S extends {
    readonly required: readonly (infer R)[];
} ? R : never> : S extends {
    readonly type: 'object';
} ? {
    readonly [key: string]: Json;
} : Json;
export {};

// contract/webhook.d.ts
/** One HTTP request that a source sent to the host. */
export interface Delivery {
    readonly headers: Headers;
    /** The raw body, as signed. */
    readonly body: Uint8Array;
    readonly query: URLSearchParams;
    /** Epoch milliseconds. */
    readonly receivedAt: number;
}
/** A keyed hash over the delivery; the host compares in constant time and fails closed without a secret. */
export interface Hmac {
    readonly kind: 'hmac';
    readonly hash: 'sha1' | 'sha256' | 'sha512';
    readonly header: string;
    /** What stands before the digest, such as `sha256=`. */
    readonly prefix?: string;
    readonly encoding: 'hex' | 'base64';
    /** The signed text; the raw body unless told. */
    readonly signed?: (delivery: Delivery) => string | Uint8Array;
    /** Header with the sender's unix time in seconds, refused when more than five minutes off. */
    readonly timestampHeader?: string;
}
/** A scheme that is not a plain HMAC: a shared token, a certificate. Must fail closed. */
export interface CustomVerification {
    readonly kind: 'custom';
    verify(delivery: Delivery, secret: string): boolean | Promise<boolean>;
}
export type Verification = Hmac | CustomVerification;
/** Declares an HMAC-signed webhook. */
export declare function hmac(options: Omit<Hmac, 'kind' | 'encoding'> & {
    readonly encoding?: Hmac['encoding'];
}): Hmac;
/** What a delivery means for the index. */
export type Receipt = {
    readonly kind: 'affected';
    readonly paths: readonly string[];
    readonly deliveryId?: string;
} | {
    readonly kind: 'resync';
    readonly reason: string;
    readonly deliveryId?: string;
} | {
    readonly kind: 'ignored';
    readonly reason: string;
    readonly deliveryId?: string;
} | {
    readonly kind: 'handshake';
    readonly body: string;
    readonly contentType?: string;
    readonly secret?: string;
};
/**
 * These paths changed: the host runs a targeted sync of them. Documents at these very paths are read even when their
 * version is the one that is indexed; under a path that ends in `/` versions decide. `deliveryId` lets it drop repeats.
 */
export declare function affected(paths: readonly string[], deliveryId?: string): Receipt;
/** Something changed, but the delivery does not say which paths: the host runs a normal sync. */
export declare function resync(reason: string, deliveryId?: string): Receipt;
/** Nothing to do. */
export declare function ignored(reason: string, deliveryId?: string): Receipt;
/** The source asks for proof that this address is ours: answer with `body`. A source that hands over its signing secret in the handshake passes it as `secret`. */
export declare function handshake(body: string, options?: {
    readonly contentType?: string;
    readonly secret?: string;
}): Receipt;
