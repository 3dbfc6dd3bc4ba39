import { escapeHtml, prose } from './html.ts'

/** The part of JSON Schema that the routes use. */
export interface Described {
  readonly $ref?: string
  readonly type?: string | readonly string[]
  readonly description?: string
  readonly properties?: Readonly<Record<string, Described>>
  readonly required?: readonly string[]
  readonly items?: Described
  readonly enum?: readonly unknown[]
  readonly const?: unknown
  readonly format?: string
  readonly pattern?: string
  readonly minimum?: number
  readonly maximum?: number
  readonly minLength?: number
  readonly maxLength?: number
  readonly minItems?: number
  readonly maxItems?: number
  readonly default?: unknown
  readonly additionalProperties?: boolean | Described
}

/** One row: a parameter, or a field of a body. */
export interface Field {
  readonly name: string
  readonly schema: Described
  readonly isRequired: boolean
  readonly description?: string | undefined
  /** Where a parameter stands. */
  readonly place?: string
}

/** Fields as a list of names, types and meanings; objects inside are opened below their own line. */
export function renderFields(fields: readonly Field[]): string {
  return `<ul class="fields">${fields.map(renderField).join('')}</ul>`
}

function renderField({ name, schema, isRequired, description = schema.description, place }: Field): string {
  const facts = [place && `in ${place}`, ...limitsOf(schema)].filter(Boolean).map((fact) => escapeHtml(String(fact)))
  const inner = insideOf(schema)
  return `<li><code class="name">${escapeHtml(name)}</code> <span class="type">${typeOf(schema)}</span>${
    isRequired ? ' <span class="required">required</span>' : ''
  }${facts.length > 0 ? ` <span class="facts">${facts.join(' · ')}</span>` : ''}${choices(schema)}${
    description ? `<div>${prose(description)}</div>` : ''
  }${inner.length > 0 ? renderFields(inner) : ''}</li>`
}

/** A whole schema: its fields, or its type where it has none. */
export function renderSchema(schema: Described): string {
  const inner = insideOf(schema)
  if (inner.length === 0)
    return `<p class="type">${typeOf(schema)}${schema.description ? ` ${prose(schema.description)}` : ''}${choices(schema)}</p>`
  return renderFields(inner)
}

export function fieldsOf({ properties = {}, required = [] }: Described): Field[] {
  return Object.entries(properties).map(([name, schema]) => ({ name, schema, isRequired: required.includes(name) }))
}

function insideOf(schema: Described): Field[] {
  const whole = schema.items ?? (typeof schema.additionalProperties === 'object' ? schema.additionalProperties : schema)
  return fieldsOf(schema.properties ? schema : whole)
}

function typeOf(schema: Described): string {
  if (schema.$ref) {
    const name = escapeHtml(schema.$ref.slice(schema.$ref.lastIndexOf('/') + 1))
    return `<a href="#schema-${name}">${name}</a>`
  }
  if (schema.items) return `list of ${typeOf(schema.items)}`
  if (schema.const !== undefined) return `<code>${escapeHtml(JSON.stringify(schema.const))}</code>`
  const types = [schema.type ?? 'anything'].flat()
  return types.map((type) => escapeHtml(type === 'string' && schema.format ? schema.format : type)).join(' or ')
}

function choices(schema: Described): string {
  const values = schema.enum ?? schema.items?.enum
  return values
    ? `<div class="choices">${values.map((value) => `<code>${escapeHtml(String(value))}</code>`).join(' ')}</div>`
    : ''
}

function limitsOf(schema: Described): string[] {
  const { minimum, maximum, minLength, maxLength, minItems, maxItems, pattern } = schema
  return [
    range(minimum, maximum, ''),
    range(minLength, maxLength, ' characters'),
    range(minItems, maxItems, ' of them'),
    pattern === undefined ? '' : `matches ${pattern}`,
    schema.default === undefined ? '' : `${JSON.stringify(schema.default)} unless told`,
  ].filter((text) => text !== '')
}

function range(least: number | undefined, most: number | undefined, unit: string): string {
  const text = (value: number) => value.toLocaleString('en')
  if (least !== undefined && most !== undefined) return `${text(least)} to ${text(most)}${unit}`
  if (most !== undefined) return `at most ${text(most)}${unit}`
  return least === undefined ? '' : `at least ${text(least)}${unit}`
}
