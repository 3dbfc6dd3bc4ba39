/** What survives JSON, structured clone and a restart. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json }

/** The part of JSON Schema 2020-12 that forms need; validated by ajv, read by {@link Infer}. */
export interface JsonSchema {
  readonly type?: 'object' | 'array' | 'string' | 'number' | 'integer' | 'boolean'
  readonly title?: string
  readonly description?: string
  readonly default?: Json
  readonly examples?: readonly Json[]
  readonly enum?: readonly (string | number)[]
  readonly properties?: { readonly [name: string]: JsonSchema }
  readonly required?: readonly string[]
  readonly items?: JsonSchema
  readonly additionalProperties?: boolean
  readonly format?: string
  readonly pattern?: string
  readonly minimum?: number
  readonly maximum?: number
  readonly minLength?: number
  readonly maxLength?: number
  readonly minItems?: number
  readonly maxItems?: number
  readonly uniqueItems?: boolean
  /** Rendered as a password, encrypted at rest, never returned. */
  readonly writeOnly?: boolean
}

type Flatten<T> = { [K in keyof T]: T[K] }

/** Keys that are there after validation: required ones and ones with a default. */
type Present<P, R> = {
  [K in keyof P]: K extends R ? K : P[K] extends { readonly default: Json } ? K : never
}[keyof P]

type InferObject<P, R> = Flatten<
  { readonly [K in Present<P, R>]: Infer<P[K]> } & {
    readonly [K in Exclude<keyof P, Present<P, R>>]?: Infer<P[K]>
  }
>

/** The TypeScript type of the values a schema accepts; a key with a default is there after validation. */
export type Infer<S> = S extends { readonly enum: readonly (infer E)[] }
  ? E
  : S extends { readonly type: 'string' }
    ? string
    : S extends { readonly type: 'number' | 'integer' }
      ? number
      : S extends { readonly type: 'boolean' }
        ? boolean
        : S extends { readonly type: 'array'; readonly items: infer I }
          ? readonly Infer<I>[]
          : S extends { readonly properties: infer P }
            ? InferObject<P, S extends { readonly required: readonly (infer R)[] } ? R : never>
            : S extends { readonly type: 'object' }
              ? { readonly [key: string]: Json }
              : Json
