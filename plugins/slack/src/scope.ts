import type { Room } from './channels.ts'
import { earlier, later, type Span, spanOfDay } from './time.ts'

/** What of a channel a targeted run asks for. */
export interface Asked {
  /** The days that hold it; undefined when only files are asked for by name. */
  readonly span: Span | undefined
  /** Ids of files. */
  readonly files: readonly string[]
}

/** Whether a path is asked for. */
export function isAsked(path: string, paths: readonly string[] | undefined): boolean {
  return !paths || paths.some((one) => one === '' || one === path || (one.endsWith('/') && path.startsWith(one)))
}

/** What is asked for of this channel; undefined when nothing is. */
export function askedOf(room: Pick<Room, 'name'>, paths: readonly string[] | undefined): Asked | undefined {
  if (!paths) return { span: {}, files: [] }
  const files: string[] = []
  let span: Span | undefined
  for (const path of paths) {
    if (path === '') return { span: {}, files: [] }
    if (!path.startsWith(`${room.name}/`)) continue
    const rest = path.slice(room.name.length + 1)
    const file = /^files\/([A-Z0-9]+)-[^/]*$/.exec(rest)?.[1]
    if (file !== undefined) files.push(file)
    else span = union(span, spanOfPath(rest))
  }
  return span || files.length > 0 ? { span, files } : undefined
}

/** The days under `2026/`, `2026/03/`, `2026/03/01/…` or of `2026/03/01.md`; everything otherwise. */
function spanOfPath(rest: string): Span {
  const [, year, month, day] = /^(\d{4})\/(?:(\d{2})(?:\/(?:(\d{2})(?:\/|\.md))?)?)?/.exec(rest) ?? []
  if (year === undefined) return {}
  const first = `${year}-${month ?? '01'}-${day ?? '01'}`
  const last = day !== undefined ? first : lastDay(Number(year), month === undefined ? 12 : Number(month))
  if (Number.isNaN(Date.parse(first)) || Number.isNaN(Date.parse(last))) return {}
  return { oldest: spanOfDay(first).oldest, latest: spanOfDay(last).latest }
}

function lastDay(year: number, month: number): string {
  return new Date(Date.UTC(year, month, 0)).toISOString().slice(0, 10)
}

function union(a: Span | undefined, b: Span): Span {
  if (!a) return b
  return toSpan(
    a.oldest === undefined || b.oldest === undefined ? undefined : earlier(a.oldest, b.oldest),
    a.latest === undefined || b.latest === undefined ? undefined : later(a.latest, b.latest),
  )
}

/** What lies in both. */
export function intersect(a: Span, b: Span): Span {
  return toSpan(later(a.oldest, b.oldest), earlier(a.latest, b.latest))
}

function toSpan(oldest: string | undefined, latest: string | undefined): Span {
  return { ...(oldest === undefined ? {} : { oldest }), ...(latest === undefined ? {} : { latest }) }
}
