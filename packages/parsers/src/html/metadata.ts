import { decodeHTML, decodeHTMLAttribute } from 'entities/decode'
import type { FormatOutput } from '../format.ts'
import { makeProperties } from '../office/properties.ts'
import type { Source } from './source.ts'
import { attribute, isNamed, scanTokens, type TokenHandler } from './tokens.ts'

const headChars = 262_144
const maxValue = 2000
/** White space that is more than a single space. */
const uneven = /[^\S ]| {2}/

/** What a page says of itself: its own elements before those for social networks, and these before schema.org's. */
export function readMetadata(source: Source): Omit<FormatOutput, 'markdown'> {
  const values = new Map<string, string>()
  const set = (name: string, raw: string | undefined): void => {
    if (raw === undefined || values.has(name)) return
    const value = (uneven.test(raw) ? raw.split(/\s+/).join(' ') : raw).trim().slice(0, maxValue)
    if (value !== '') values.set(name, value)
  }
  const head = source.chars.slice(0, headEnd(source.chars))
  const walk: TokenHandler = {
    open({ name }, from, to, closed) {
      const value = (key: string): string | undefined => {
        const raw = attribute(source, from, to, key)
        return raw === undefined ? undefined : decodeHTMLAttribute(raw)
      }
      if (name === 'meta') {
        const key = value('name') ?? value('property') ?? value('itemprop') ?? value('http-equiv')
        if (key !== undefined) set(key.toLowerCase(), value('content'))
      } else if (name === 'html') set('lang', value('lang') ?? value('xml:lang'))
      else if (name === 'link') {
        if (value('rel')?.toLowerCase() === 'canonical') set('canonical', value('href'))
      } else if (name === 'title' || name === 'script' || name === 'style') {
        const end = closed ? -1 : endOf(head, name, to)
        if (end === -1) return undefined
        if (name === 'title') set('title', decodeHTML(source.slice(to + 1, end)))
        else if (value('type')?.toLowerCase() === 'application/ld+json') readLinkedData(source.slice(to + 1, end), set)
        return end
      }
      return undefined
    },
    close() {},
    text() {},
  }
  scanTokens(source, walk, head.length)
  const first = (...names: readonly string[]): string | undefined => {
    for (const name of names) if (values.has(name)) return values.get(name)
    return undefined
  }
  const { title, ...properties } = makeProperties({
    title: first('title', 'og:title', 'twitter:title', 'dc.title', 'ld:headline'),
    author: first('author', 'dc.creator', 'citation_author', 'article:author_name', 'sailthru.author', 'ld:author'),
    language: language(first('lang', 'content-language', 'dc.language', 'og:locale', 'ld:inlanguage')),
    createdAt: first(
      'article:published_time',
      'dcterms.created',
      'dc.date',
      'dc.date.issued',
      'citation_publication_date',
      'datepublished',
      'date',
      'pubdate',
      'ld:datepublished',
      'ld:datecreated',
    ),
    updatedAt: first(
      'article:modified_time',
      'og:updated_time',
      'dcterms.modified',
      'datemodified',
      'last-modified',
      'ld:datemodified',
    ),
    extra: {
      description: first('description', 'og:description', 'twitter:description', 'dc.description', 'ld:description'),
      keywords: first('keywords', 'news_keywords', 'article:tag', 'ld:keywords'),
      site: first('og:site_name', 'application-name', 'ld:publisher'),
      url: first('canonical', 'og:url'),
    },
  })
  return { ...properties, ...(title !== undefined && { title: title.slice(0, 300) }) }
}

/** Pages without a head have their metadata at the beginning, too. */
function headEnd(source: string): number {
  const found = source.indexOf('</head', 0)
  return found === -1 || found > headChars ? Math.min(source.length, 16_384) : found
}

function endOf(head: string, name: string, from: number): number {
  for (let at = head.indexOf('</', from); at !== -1; at = head.indexOf('</', at + 2)) {
    if (isNamed(head, at + 2, name)) return at
  }
  return -1
}

/** `og:locale` has an underscore. */
function language(value: string | undefined): string | undefined {
  const tag = value?.split(',', 1)[0]?.trim().replaceAll('_', '-')
  return tag !== undefined && /^[a-z]{2,3}(-[a-z0-9]{2,8})*$/i.test(tag) ? tag : undefined
}

const kinds = /article|page|posting|product|recipe|event|report|book|work|dataset|video|question/i

/** The first thing schema.org's data describe that is a document. */
function readLinkedData(text: string, set: (name: string, value: string | undefined) => void): void {
  let data: unknown
  try {
    data = JSON.parse(text)
  } catch {
    return
  }
  const graph = member(data, '@graph') ?? data
  const things: readonly unknown[] = Array.isArray(graph) ? graph.slice(0, 50) : [graph]
  const thing = things.find((one) => kinds.test(nameOf(member(one, '@type')) ?? ''))
  for (const key of [
    'headline',
    'author',
    'datePublished',
    'dateCreated',
    'dateModified',
    'description',
    'keywords',
    'publisher',
    'inLanguage',
  ]) {
    set(`ld:${key.toLowerCase()}`, nameOf(member(thing, key)))
  }
}

function nameOf(value: unknown): string | undefined {
  if (typeof value === 'string') return value
  if (Array.isArray(value)) return value.slice(0, 20).map(nameOf).filter(Boolean).join(', ') || undefined
  const name = member(value, 'name')
  return typeof name === 'string' ? name : undefined
}

function member(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, key) ? Reflect.get(value, key) : undefined
}
