/** JSON Schema 2020-12 as the API uses it. One literal validates, documents and types a value. */
export interface Schema {
  readonly type?: TypeName | readonly TypeName[]
  readonly description?: string
  readonly default?: unknown
  readonly examples?: readonly unknown[]
  readonly const?: string | number | boolean
  readonly enum?: readonly (string | number | null)[]
  readonly properties?: { readonly [name: string]: Schema }
  readonly required?: readonly string[]
  readonly additionalProperties?: boolean | Schema
  readonly propertyNames?: Schema
  readonly items?: Schema
  readonly format?: string
  readonly pattern?: string
  readonly minimum?: number
  readonly maximum?: number
  readonly minLength?: number
  readonly maxLength?: number
  readonly minItems?: number
  readonly maxItems?: number
  readonly uniqueItems?: boolean
}

type TypeName = 'object' | 'array' | 'string' | 'number' | 'integer' | 'boolean' | 'null'

type Flatten<T> = { [K in keyof T]: T[K] }

type ObjectOf<P, R> = Flatten<
  { readonly [K in keyof P as K extends R ? K : never]: Static<P[K]> } & {
    readonly [K in keyof P as K extends R ? never : K]?: Static<P[K]>
  }
>

type Named<S, T> = T extends 'string'
  ? string
  : T extends 'number' | 'integer'
    ? number
    : T extends 'boolean'
      ? boolean
      : T extends 'null'
        ? null
        : T extends 'array'
          ? readonly (S extends { readonly items: infer I } ? Static<I> : unknown)[]
          : S extends { readonly properties: infer P }
            ? ObjectOf<P, S extends { readonly required: readonly (infer R)[] } ? R : never>
            : Readonly<Record<string, unknown>>

/** The TypeScript type of what a schema accepts. */
export type Static<S> = S extends { readonly const: infer C }
  ? C
  : S extends { readonly enum: readonly (infer E)[] }
    ? E
    : S extends { readonly type: readonly (infer T)[] }
      ? T extends unknown
        ? Named<S, T>
        : never
      : S extends { readonly type: infer T }
        ? Named<S, T>
        : unknown

const names = new Map<Schema, string>()

/** Gives a schema a name in the OpenAPI document; wherever the same object is used again, it is referred to. */
export function named<const S extends Schema>(name: string, schema: S): S {
  names.set(schema, name)
  return schema
}

/** The name given by {@link named}, if any. */
export function nameOf(schema: Schema): string | undefined {
  return names.get(schema)
}

/** An object schema that takes these properties and no others. */
export function object<const P extends { readonly [name: string]: Schema }, const R extends keyof P & string = never>(
  properties: P,
  required: readonly R[] = [],
): {
  readonly type: 'object'
  readonly properties: P
  readonly required: readonly R[]
  readonly additionalProperties: false
} {
  return { type: 'object', properties, required, additionalProperties: false }
}
