import type { Caller } from '../access.ts'
import type { Detail, ErrorCode } from './errors.ts'
import type { Schema, Static } from './schema.ts'

export type Role = 'viewer' | 'editor' | 'admin'

/** How one status answers. */
export interface Answer {
  readonly description: string
  /** Of `data` in the envelope, unless `contentType` says otherwise. */
  readonly schema?: Schema
  /** A list: `meta` has `page`, `limit`, `total`, `nextCursor`. */
  readonly list?: boolean
  /** Not the JSON envelope: the body is this type, and `schema` describes it whole. */
  readonly contentType?: string
  /** No body at all. */
  readonly empty?: true
  readonly headers?: Readonly<Record<string, string>>
}

/** One operation: what drives routing, validation, the OpenAPI document and the response tests. */
export interface RouteSpec<P extends Schema, Q extends Schema, B extends Schema> {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE'
  /** In OpenAPI's form: `/api/v1/connectors/{id}`. */
  readonly path: string
  readonly operationId: string
  readonly tag: string
  readonly summary: string
  readonly description?: string
  /** The least role a key needs; `public` needs no key. */
  readonly access: 'public' | Role
  readonly params?: P
  readonly query?: Q
  readonly body?: B
  /** The body may be left out. */
  readonly bodyOptional?: boolean
  /** The handler reads the raw body itself; `schema` is for the document. */
  readonly upload?: { readonly contentType: string; readonly schema: Schema }
  readonly headers?: Readonly<Record<string, string>>
  /** Looks at what schemas cannot say, beside the schema: its findings are answered together with the others. */
  readonly refine?: (body: unknown) => Promise<readonly Detail[]>
  /** Fields of `data` that are shown once: left out when an `Idempotency-Key` is replayed. */
  readonly shownOnce?: readonly string[]
  readonly answers: Readonly<Record<number, Answer>>
  /** Besides those that follow from the rest. */
  readonly errors?: readonly ErrorCode[]
}

/** What a handler gets: validated values and who asks. */
export interface Call<P = unknown, Q = unknown, B = unknown> {
  readonly params: P
  readonly query: Q
  readonly body: B
  readonly caller: Caller
  readonly requestId: string
  /** The raw request; its signal aborts when the client goes away. */
  readonly request: Request
}

export interface ListMeta {
  readonly page?: number
  readonly limit: number
  /** Null where counting would mean listing a whole source. */
  readonly total: number | null
  readonly nextCursor: string | null
}

/** The success envelope, not yet written. */
export interface Reply {
  readonly status: 200 | 201 | 202
  readonly data: unknown
  readonly meta?: Readonly<Record<string, unknown>>
  readonly headers?: Readonly<Record<string, string>>
}

/** A declared operation with its handler, types erased. */
export interface Route extends RouteSpec<Schema, Schema, Schema> {
  readonly handle: (call: Call) => Promise<Reply | Response>
}

/** Declares an operation. The handler's `params`, `query` and `body` are typed from the schemas. */
export function route<const P extends Schema, const Q extends Schema, const B extends Schema>(
  spec: RouteSpec<P, Q, B>,
  handle: (call: Call<Static<P>, Static<Q>, Static<B>>) => Promise<Reply | Response>,
): Route {
  return { ...spec, handle: handle as Route['handle'] }
}

export function ok(data: unknown, meta?: Readonly<Record<string, unknown>>): Reply {
  return { status: 200, data, ...(meta && { meta }) }
}

export function created(data: unknown): Reply {
  return { status: 201, data }
}

export function accepted(data: unknown, headers?: Readonly<Record<string, string>>): Reply {
  return { status: 202, data, ...(headers && { headers }) }
}

export function list(data: readonly unknown[], meta: ListMeta): Reply {
  return { status: 200, data, meta: { ...meta } }
}
