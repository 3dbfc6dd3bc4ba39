import { BoundedText } from '../bounded-text.ts'
import { type Format, FormatError, type FormatInput, type FormatOutput } from '../format.ts'
import { readCalendar } from '../mail/calendar.ts'
import { isoDate } from '../office/properties.ts'
import { decodeText } from '../text.ts'

/** Calendars (iCalendar, RFC 5545): each meeting, task and note under a heading. */
export const ics: Format = {
  name: 'ics',
  mimeTypes: ['text/calendar', 'application/ics'],
  extensions: ['ics', 'ical', 'ifb', 'vcs'],
  parse,
}

async function parse({ bytes, limits }: FormatInput): Promise<FormatOutput> {
  const source = await decodeText(bytes)
  const entries = readCalendar(source, limits.maxEntries * 10)
  if (entries.length === 0) {
    if (/^\s*BEGIN:/i.test(source)) throw new FormatError('empty', 'The calendar has no entries')
    return { markdown: source }
  }
  const [first] = entries
  const isOne = entries.length === 1
  const out = new BoundedText(limits.maxOutputChars)
  for (const { summary, facts, description } of entries) {
    if (out.length > 0) out.append('\n\n')
    const parts = [
      summary === undefined ? '' : `${isOne ? '#' : '##'} ${oneLine(summary)}`,
      facts.map(([name, value]) => `- ${name}: ${oneLine(value)}`).join('\n'),
      description ?? '',
    ]
    out.append(parts.filter((part) => part !== '').join('\n\n'))
  }
  const title = isOne ? first?.summary : calendarName(source)
  const [createdAt, updatedAt] = isOne ? [isoDate(first?.created), isoDate(first?.updated)] : []
  return {
    markdown: out.toString(),
    ...(title === undefined ? {} : { title: oneLine(title) }),
    ...(isOne && first?.organizer !== undefined ? { author: first.organizer } : {}),
    ...(createdAt === undefined ? {} : { createdAt }),
    ...(updatedAt === undefined ? {} : { updatedAt }),
    metadata: { entries: entries.length },
  }
}

function oneLine(text: string): string {
  return text.replace(/\s+/g, ' ').trim()
}

function calendarName(source: string): string | undefined {
  return /^X-WR-CALNAME[^:\r\n]*:(.+?)\r?$/im.exec(source.slice(0, 8192))?.[1]
}
