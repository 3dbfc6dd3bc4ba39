import { createHash } from 'node:crypto'
import type { Json } from '@cx/core'
import type { Page, Property, RichText } from './types.ts'

export function plainText(text: unknown): string {
  return Array.isArray(text) ? (text as readonly RichText[]).map((part) => part?.plain_text ?? '').join('') : ''
}

/** The page's title: its property of the type `title`, whatever its name. */
export function titleOf({ properties }: Page): string {
  const title = Object.values(properties).find(({ type }) => type === 'title')
  return plainText(title?.title).replace(/\s+/g, ' ').trim() || 'Untitled'
}

/** A row's properties as values for front matter; `null` for what is empty. https://developers.notion.com/reference/page-property-values */
export function propertyValue(property: Property): Json {
  const value = property[property.type] as never
  if (value === null || value === undefined) return null
  const { type } = property
  switch (type) {
    case 'title':
    case 'rich_text':
      return plainText(value) || null
    case 'number':
    case 'checkbox':
    case 'url':
    case 'email':
    case 'phone_number':
    case 'created_time':
    case 'last_edited_time':
    case 'string':
    case 'boolean':
      return value as Json
    case 'select':
    case 'status':
      return nameOf(value)
    case 'multi_select':
    case 'people':
    case 'files':
      return some((value as readonly unknown[]).map(nameOf))
    case 'created_by':
    case 'last_edited_by':
      return nameOf(value)
    case 'date':
      return dateText(value)
    case 'relation':
      return some((value as readonly { id: string }[]).map(({ id }) => id))
    case 'formula':
      return propertyValue(value as Property)
    case 'rollup':
      return (value as Property).type === 'array'
        ? some(((value as Property).array as readonly Property[]).map(propertyValue))
        : propertyValue(value as Property)
    case 'unique_id': {
      const { prefix, number } = value as { prefix?: string | null; number?: number | null }
      return number === null || number === undefined ? null : prefix ? `${prefix}-${number}` : number
    }
    case 'verification':
      return (value as { state?: string }).state ?? null
    default:
      return null
  }
}

/** All properties but the title, those that hold something. Addresses of files are left out: they change hourly. */
export function propertiesOf({ properties }: Page): Record<string, Json> {
  const values: Record<string, Json> = {}
  for (const [name, property] of Object.entries(properties)) {
    if (property.type === 'title') continue
    const value = propertyValue(property)
    if (value !== null && value !== '') values[name] = value
  }
  return values
}

/** The ids of properties that may hold more than the 25 items a page object shows. */
export function longProperties({ properties }: Page): Record<string, string> {
  const long: Record<string, string> = {}
  for (const [name, { id, type, ...rest }] of Object.entries(properties)) {
    const value = rest[type]
    if (id && type !== 'title' && (rest.has_more === true || (Array.isArray(value) && value.length >= 25)))
      long[name] = id
  }
  return long
}

/** The properties that name other pages, by their ids. */
export function relationsOf({ properties }: Page): readonly string[] {
  return Object.entries(properties).flatMap(([name, { type, relation }]) =>
    type === 'relation' && Array.isArray(relation) && relation.length > 0 ? [name] : [],
  )
}

/** What else than the body shows a change. Formulas and rollups are left out: some move with the clock. */
export function propertyHash(page: Page): string {
  const steady = Object.entries(page.properties)
    .filter(([, { type }]) => !/^(formula|rollup|last_edited_time|last_edited_by)$/.test(type))
    .map(([name, property]) => [name, propertyValue(property)] as const)
    .sort(([a], [b]) => (a < b ? -1 : 1))
  return hash(steady)
}

export function hash(value: unknown): string {
  return createHash('sha256').update(JSON.stringify(value)).digest('base64url').slice(0, 12)
}

function nameOf(value: unknown): Json {
  const { name, id } = (value ?? {}) as { name?: string | null; id?: string }
  return name ?? id ?? null
}

function some(values: readonly Json[]): Json {
  const held = values.filter((value) => value !== null)
  return held.length > 0 ? held : null
}

function dateText(value: unknown): Json {
  const { start, end } = value as { start?: string; end?: string | null }
  return start ? (end ? `${start} → ${end}` : start) : null
}
