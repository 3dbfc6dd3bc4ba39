import type { Json } from '@cx/core'
import type { FormatOutput } from '../format.ts'
import { type OfficePackage, scanPart } from './package.ts'

/** What a document says of itself, as the matching fields of a {@link FormatOutput}. */
export type Properties = Pick<FormatOutput, 'title' | 'author' | 'language' | 'createdAt' | 'updatedAt' | 'metadata'>

/** Reads docProps/core.xml and app.xml; `app` holds the counts (Pages, Slides) as they stand there. */
export function readProperties(pack: OfficePackage): { properties: Properties; app: ReadonlyMap<string, string> } {
  const core = new Map<string, string>()
  const app = new Map<string, string>()
  const rels = pack.relationships('')
  const partOf = (type: string, usual: string): string => rels.find((rel) => rel.type === type)?.target ?? usual
  collect(pack, partOf('core-properties', 'docProps/core.xml'), core)
  collect(pack, partOf('extended-properties', 'docProps/app.xml'), app)
  const extra: Record<string, string | undefined> = {
    subject: core.get('subject'),
    description: core.get('description'),
    keywords: core.get('keywords'),
    category: core.get('category'),
    lastModifiedBy: core.get('lastModifiedBy'),
    company: app.get('Company'),
  }
  const properties = makeProperties({
    title: core.get('title'),
    author: core.get('creator'),
    language: core.get('language'),
    createdAt: core.get('created'),
    updatedAt: core.get('modified'),
    extra,
  })
  return { properties, app }
}

function collect(pack: OfficePackage, part: string, into: Map<string, string>): void {
  let name = ''
  let depth = 0
  scanPart(pack.zip, part, pack.limits, {
    open(tag) {
      name = tag
      return ++depth > 2
    },
    close() {
      depth--
      name = ''
    },
    text(text) {
      if (depth !== 2) return
      const value = (into.get(name) ?? '') + text
      if (value.length <= 4000) into.set(name, value)
    },
  })
}

/** What programs call a document that nobody has named, in their users' languages. */
const emptyTitle =
  /^(untitled|no slide title|aucun titre de diapositive|kein folientitel|sin título de diapositiva|nessun titolo diapositiva|geen diatitel|ingen (lysbildetittel|rubrik|slidetitel)|sem título de slide|нет заголовка слайда|没有幻灯片标题|スライド タイトルなし|(document|presentation|slide|folie|diapositiva|diapositive|dia|slajd|snímek|слайд|スライド|幻灯片) ?\d*|microsoft (word|powerpoint|excel) - .*|(\S+ ){0,3}(microsoft )?powerpoint([ -]\S{5,16})?|no slide title|normal\.dot[mx]?|文档 ?\d+|[^\p{L}\p{N}]+)$/iu

/** Leaves out what is empty, a program's placeholder, or no date. */
export function makeProperties(raw: {
  readonly title?: string | undefined
  readonly author?: string | undefined
  readonly language?: string | undefined
  readonly createdAt?: string | undefined
  readonly updatedAt?: string | undefined
  readonly extra?: Readonly<Record<string, string | undefined>>
}): Properties {
  const title = raw.title?.trim()
  const author = raw.author?.trim()
  const language = raw.language?.trim()
  const createdAt = isoDate(raw.createdAt)
  const updatedAt = isoDate(raw.updatedAt)
  const metadata: Record<string, Json> = {}
  for (const [key, value] of Object.entries(raw.extra ?? {})) {
    if (value?.trim()) metadata[key] = value.trim()
  }
  return {
    ...(title && !emptyTitle.test(title) ? { title } : {}),
    ...(author ? { author } : {}),
    ...(language ? { language } : {}),
    ...(createdAt ? { createdAt } : {}),
    ...(updatedAt ? { updatedAt } : {}),
    ...(Object.keys(metadata).length > 0 ? { metadata } : {}),
  }
}

/** RFC 3339 of whatever a file holds as a date; undefined when it is none or of no possible year. */
export function isoDate(value: string | number | Date | undefined): string | undefined {
  if (value === undefined || value === '') return undefined
  const zoned =
    typeof value === 'string' && /T\d\d:\d\d(:\d\d(\.\d+)?)?$/.test(value) ? `${value.slice(0, 23)}Z` : value
  const date = new Date(zoned)
  const year = date.getUTCFullYear()
  return Number.isNaN(year) || year < 1970 || year > 2200 ? undefined : date.toISOString()
}
