/** A meeting, a task or a note of a calendar (RFC 5545). */
export interface CalendarEntry {
  readonly uid: string | undefined
  readonly summary: string | undefined
  readonly description: string | undefined
  readonly organizer: string | undefined
  readonly created: string | undefined
  readonly updated: string | undefined
  /** When and where, with whom, in the order in which people ask. */
  readonly facts: readonly (readonly [name: string, value: string])[]
}

interface Field {
  readonly name: string
  readonly params: ReadonlyMap<string, string>
  readonly value: string
}

const kinds: ReadonlySet<string> = new Set(['VEVENT', 'VTODO', 'VJOURNAL'])
const mostPeople = 500
const longestDescription = 100_000

/** The entries of an iCalendar text, at most `most`. Never throws: what is broken is left out. */
export function readCalendar(text: string, most: number): CalendarEntry[] {
  const entries: CalendarEntry[] = []
  let fields: Field[] | undefined
  let method: string | undefined
  let inside = 0
  for (const line of unfoldedLines(text)) {
    const field = fieldOf(line)
    if (field === undefined) continue
    const value = field.value.toUpperCase()
    if (field.name === 'BEGIN') {
      if (fields !== undefined) inside++
      else if (kinds.has(value)) fields = []
    } else if (field.name === 'END') {
      if (inside > 0) inside--
      else if (fields !== undefined) {
        entries.push(entryOf(fields, method))
        fields = undefined
        if (entries.length >= most) break
      }
    } else if (field.name === 'METHOD') method = value
    else if (inside === 0) fields?.push(field)
  }
  if (fields !== undefined && entries.length < most) entries.push(entryOf(fields, method))
  return entries
}

/** Long lines go on in the next, behind a space (3.1). */
function* unfoldedLines(text: string): Generator<string> {
  let pieces: string[] = []
  for (let at = 0; at < text.length; ) {
    const feed = text.indexOf('\n', at)
    const stop = feed < 0 ? text.length : feed
    const line = text.slice(at, text[stop - 1] === '\r' && stop > at ? stop - 1 : stop)
    if (line.startsWith(' ') || line.startsWith('\t')) pieces.push(line.slice(1))
    else {
      yield pieces.join('')
      pieces = [line]
    }
    at = stop + 1
  }
  yield pieces.join('')
}

/** `NAME;PARAM=x;OTHER="y;z":value`. */
function fieldOf(line: string): Field | undefined {
  let isQuoted = false
  const cuts: number[] = []
  let colon = -1
  for (let at = 0; at < line.length && colon < 0 && at < 4096; at++) {
    const char = line[at]
    if (char === '"') isQuoted = !isQuoted
    else if (isQuoted) continue
    else if (char === ';') cuts.push(at)
    else if (char === ':') colon = at
  }
  if (colon < 1) return undefined
  const params = new Map<string, string>()
  for (const [n, cut] of cuts.entries()) {
    const param = line.slice(cut + 1, cuts[n + 1] ?? colon)
    const equals = param.indexOf('=')
    if (equals > 0) params.set(param.slice(0, equals).toUpperCase(), param.slice(equals + 1).replaceAll('"', ''))
  }
  return { name: line.slice(0, cuts[0] ?? colon).toUpperCase(), params, value: line.slice(colon + 1) }
}

const methods: ReadonlyMap<string, string> = new Map([
  ['REQUEST', 'invitation'],
  ['CANCEL', 'cancelled'],
  ['REPLY', 'reply'],
  ['COUNTER', 'other time proposed'],
  ['DECLINECOUNTER', 'other time declined'],
])

function entryOf(fields: readonly Field[], method: string | undefined): CalendarEntry {
  const of = (name: string): Field | undefined => fields.find((field) => field.name === name)
  const text = (name: string): string | undefined => unescaped(of(name)?.value ?? '').trim() || undefined
  const attendees = fields.filter(({ name }) => name === 'ATTENDEE').slice(0, mostPeople)
  const status = text('STATUS')?.toLowerCase()
  const facts: (readonly [string, string | undefined])[] = [
    ['Meeting', methods.get(method ?? '')],
    ['Starts', timeOf(of('DTSTART'))],
    ['Ends', timeOf(of('DTEND'))],
    ['Due', timeOf(of('DUE'))],
    ['Completed', timeOf(of('COMPLETED'))],
    ['Lasts', durationOf(of('DURATION')?.value)],
    ['Repeats', ruleOf(of('RRULE')?.value)],
    ['Location', text('LOCATION')],
    ['Status', status === 'confirmed' ? undefined : status],
    ['Organizer', personOf(of('ORGANIZER'))],
    ['Attendees', attendees.flatMap((field) => personOf(field) ?? []).join(', ') || undefined],
    ['Categories', text('CATEGORIES')],
    ['Link', text('URL')],
  ]
  return {
    uid: text('UID'),
    summary: text('SUMMARY'),
    description: text('DESCRIPTION')?.slice(0, longestDescription),
    organizer: personOf(of('ORGANIZER')),
    created: isoOf(of('CREATED')),
    updated: isoOf(of('LAST-MODIFIED')),
    facts: facts.flatMap(([name, value]) => (value === undefined ? [] : [[name, value] as const])),
  }
}

function unescaped(text: string): string {
  return text.includes('\\')
    ? text.replace(/\\([\\;,nN])/g, (_, char: string) => (/n/i.test(char) ? '\n' : char))
    : text
}

function personOf(field: Field | undefined): string | undefined {
  if (field === undefined) return undefined
  const address = field.value.replace(/^mailto:/i, '').trim()
  const name = field.params.get('CN')?.trim() ?? ''
  const state = field.params.get('PARTSTAT')?.toLowerCase()
  const answer = state === 'accepted' || state === 'declined' || state === 'tentative' ? ` (${state})` : ''
  const person = name === '' || name === address ? address : address === '' ? name : `${name} <${address}>`
  return person === '' ? undefined : `${person}${answer}`
}

const time = /^(\d{4})(\d\d)(\d\d)(?:T(\d\d)(\d\d)(\d\d)(Z?))?$/

/** `2024-05-06 09:00 (Europe/Berlin)`; of what lasts whole days the day. */
function timeOf(field: Field | undefined): string | undefined {
  const [, year, month, day, hour, minute, , zone] = time.exec(field?.value.trim() ?? '') ?? []
  if (field === undefined || year === undefined) return undefined
  const date = `${year}-${month}-${day}`
  if (hour === undefined) return date
  const place = zone === 'Z' ? ' UTC' : field.params.has('TZID') ? ` (${field.params.get('TZID')})` : ''
  return `${date} ${hour}:${minute}${place}`
}

function isoOf(field: Field | undefined): string | undefined {
  const [, year, month, day, hour = '00', minute = '00', second = '00'] = time.exec(field?.value.trim() ?? '') ?? []
  return year === undefined ? undefined : `${year}-${month}-${day}T${hour}:${minute}:${second}Z`
}

/** `PT1H30M` as `1 h 30 min`. */
function durationOf(value: string | undefined): string | undefined {
  const [, weeks, days, hours, minutes] = /^P(?:(\d+)W)?(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?)?/.exec(value ?? '') ?? []
  const parts = [weeks && `${weeks} weeks`, days && `${days} days`, hours && `${hours} h`, minutes && `${minutes} min`]
  return parts.filter(Boolean).join(' ') || undefined
}

/** `FREQ=WEEKLY;COUNT=3` as `weekly, count 3`. */
function ruleOf(value: string | undefined): string | undefined {
  const parts = (value ?? '').split(';').map((part) => part.split('='))
  const words = parts.flatMap(([key = '', word = '']) => {
    if (word === '') return []
    return key.toUpperCase() === 'FREQ' ? [word.toLowerCase()] : [`${key.toLowerCase()} ${word}`]
  })
  return words.join(', ') || undefined
}
