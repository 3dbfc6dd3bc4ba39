import { ConnectorError } from '@cx/core'
import type { Config } from './config.ts'

/** A span of whole UTC days, as Slack timestamps: both ends belong to it; open where undefined. */
export interface Span {
  readonly oldest?: string
  readonly latest?: string
}

const dayMs = 86_400_000

/**
 * A Slack timestamp: seconds, a dot, six digits. Never through a float: its precision ends before the sixth digit,
 * and a seventh makes Slack find nothing.
 */
export function tsOf(ms: number): string {
  return `${Math.floor(ms / 1000)}.000000`
}

export function msOf(ts: string): number {
  return Number(ts.split('.')[0]) * 1000
}

export function isoOf(ts: string): string {
  return new Date(
    msOf(ts) + Math.floor(Number((ts.split('.')[1] ?? '').padEnd(6, '0').slice(0, 6)) / 1000),
  ).toISOString()
}

/** The UTC day of a timestamp, such as 2026-03-01. */
export function dayOf(ts: string): string {
  return new Date(msOf(ts)).toISOString().slice(0, 10)
}

export function spanOfDay(day: string): Required<Span> {
  const start = Date.parse(`${day}T00:00:00Z`)
  return { oldest: tsOf(start), latest: justBefore(tsOf(start + dayMs)) }
}

/** The last timestamp before that of a whole second. */
export function justBefore(ts: string): string {
  return `${Number(ts.split('.')[0]) - 1}.999999`
}

/** Compares timestamps; they have equal lengths from 2001 until 2286. */
export function isBefore(ts: string, other: string): boolean {
  return ts.length === other.length ? ts < other : Number(ts) < Number(other)
}

export function later(a: string | undefined, b: string | undefined): string | undefined {
  if (a === undefined || b === undefined) return a ?? b
  return isBefore(a, b) ? b : a
}

export function earlier(a: string | undefined, b: string | undefined): string | undefined {
  if (a === undefined || b === undefined) return a ?? b
  return isBefore(a, b) ? a : b
}

/** The first moment of the day that lies so many days back. */
export function daysBack(days: number, now: number): string {
  return tsOf(Math.floor(now / dayMs) * dayMs - days * dayMs)
}

/**
 * The configured range. Relative ends count in whole days, so that the first document of a range that moves changes
 * once a day and not at every sync.
 *
 * @throws ConnectorError `misconfigured` when a date does not exist, or the range is empty.
 */
export function spanOf(range: Config['dateRange'], now: number): Span {
  const oldest = range?.from === undefined ? undefined : startOf(range.from, 'from', now)
  const latest = range?.to === undefined ? undefined : spanOfDay(dateOf(range.to, 'to')).latest
  if (oldest !== undefined && latest !== undefined && isBefore(latest, oldest))
    throw new ConnectorError('misconfigured', '`dateRange.to` lies before `dateRange.from`: swap them.')
  return { ...(oldest === undefined ? {} : { oldest }), ...(latest === undefined ? {} : { latest }) }
}

function startOf(text: string, field: string, now: number): string {
  const days = /^(\d+)d$/.exec(text)?.[1]
  return days === undefined ? spanOfDay(dateOf(text, field)).oldest : daysBack(Number(days), now)
}

function dateOf(text: string, field: string): string {
  const time = Date.parse(text)
  if (Number.isNaN(time))
    throw new ConnectorError('misconfigured', `\`dateRange.${field}\` is ${JSON.stringify(text)}: no such date.`, {
      remediation: 'Write it as 2026-01-31.',
    })
  return new Date(time).toISOString().slice(0, 10)
}
