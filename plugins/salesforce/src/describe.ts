import { ConnectorError } from '@cx/core'
import type { Client } from './client.ts'
import { identify } from './soql.ts'

/** https://developer.salesforce.com/docs/atlas.en-us.api_rest.meta/api_rest/resources_describeGlobal.htm */
export interface ObjectInfo {
  readonly name: string
  readonly label: string
  readonly keyPrefix: string | null
  readonly queryable: boolean
  readonly custom?: boolean
  readonly layoutable?: boolean
  readonly deprecatedAndHidden?: boolean
  readonly feedEnabled?: boolean
}

/** https://developer.salesforce.com/docs/atlas.en-us.api_rest.meta/api_rest/resources_sobject_describe.htm */
export interface FieldInfo {
  readonly name: string
  readonly label: string
  readonly type: string
  readonly length?: number
  readonly nameField?: boolean
  readonly htmlFormatted?: boolean
  readonly extraTypeInfo?: string | null
  readonly compoundFieldName?: string | null
  readonly relationshipName?: string | null
  readonly relationshipOrder?: number | null
  readonly cascadeDelete?: boolean
  readonly referenceTo?: readonly string[] | null
  readonly picklistValues?:
    | readonly {
        readonly value: string
        readonly label?: string | null | undefined
        readonly active?: boolean
      }[]
    | null
}

export interface Description {
  readonly name: string
  readonly label: string
  readonly feedEnabled?: boolean
  readonly fields: readonly FieldInfo[]
}

/** What the integration user may see of the organisation's schema, asked for once a session. */
export class Schema {
  readonly #client: Client
  #objects: Promise<ReadonlyMap<string, ObjectInfo>> | undefined
  readonly #descriptions = new Map<string, Promise<Description>>()

  constructor(client: Client) {
    this.#client = client
  }

  /** Every object by its name in lower case. */
  objects(signal: AbortSignal): Promise<ReadonlyMap<string, ObjectInfo>> {
    this.#objects ??= this.#keep(
      this.#client
        .json<{ sobjects: readonly ObjectInfo[] }>('/sobjects', { signal })
        .then(({ sobjects }) => new Map(sobjects.map((one) => [one.name.toLowerCase(), one]))),
      () => {
        this.#objects = undefined
      },
    )
    return this.#objects
  }

  /** @throws ConnectorError `forbidden` when the object is missing or hidden */
  async object(name: string, signal: AbortSignal): Promise<ObjectInfo> {
    const found = (await this.objects(signal)).get(name.toLowerCase())
    if (found?.queryable) return found
    throw new ConnectorError(
      'forbidden',
      `The object ${name} ${found ? 'cannot be queried' : 'is missing or hidden'} in this organisation.`,
      {
        remediation: `Check the API name, and give the integration user read access to ${name} (permission set).`,
      },
    )
  }

  describe(name: string, signal: AbortSignal): Promise<Description> {
    let description = this.#descriptions.get(name)
    if (!description) {
      description = this.#keep(this.#client.json<Description>(`/sobjects/${identify(name)}/describe`, { signal }), () =>
        this.forget(name),
      )
      this.#descriptions.set(name, description)
    }
    return description
  }

  /** After a field has gone: the next one asks again. */
  forget(name: string): void {
    this.#descriptions.delete(name)
  }

  #keep<T>(work: Promise<T>, forget: () => void): Promise<T> {
    work.catch(forget)
    return work
  }
}

export function fieldOf(description: Description, name: string): FieldInfo | undefined {
  const wanted = name.toLowerCase()
  return description.fields.find((field) => field.name.toLowerCase() === wanted)
}

/** Names the first field of a filter that the object does not have. */
export function missingField(description: Description, paths: readonly string[]): string | undefined {
  return paths.find((path) => {
    const [first = '', ...rest] = path.split('.')
    if (rest.length === 0) return !fieldOf(description, first)
    return !description.fields.some((field) => field.relationshipName?.toLowerCase() === first.toLowerCase())
  })
}
