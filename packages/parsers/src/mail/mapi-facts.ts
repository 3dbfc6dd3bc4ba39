import { type MapiValues, numberOf, property, textOf } from './mapi.ts'

type Fact = readonly [name: string, value: string]
type Read = (values: MapiValues) => string | undefined

const text =
  (key: number | string): Read =>
  (values) =>
    textOf(values, key)

/** Outlook writes times that are not set as the year 4501. */
const time =
  (key: number | string): Read =>
  (values) => {
    const at = numberOf(values, key)
    return at === undefined || !(at > -6e12 && at < 7e13) ? undefined : new Date(at).toISOString()
  }

const day =
  (key: number | string): Read =>
  (values) =>
    time(key)(values)?.slice(0, 10)

const states = ['not started', 'in progress', 'completed', 'waiting', 'deferred']

const appointment: readonly (readonly [name: string, read: Read])[] = [
  ['Starts', time('appointment/820d')],
  ['Ends', time('appointment/820e')],
  ['Location', text('appointment/8208')],
  ['Repeats', text('appointment/8232')],
]

const task: typeof appointment = [
  ['Starts', day('task/8104')],
  ['Due', day('task/8105')],
  ['Completed', day('task/810f')],
  ['Status', (values) => states[numberOf(values, 'task/8101') ?? -1]],
  ['Owner', text('task/811f')],
]

const contact: typeof appointment = [
  ['Name', text(property.name)],
  ['Company', text(0x3a16)],
  ['Department', text(0x3a18)],
  ['Job title', text(0x3a17)],
  ['Email', text('contact/8083')],
  ['Email', text('contact/8093')],
  ['Email', text('contact/80a3')],
  ['Business phone', text(0x3a08)],
  ['Home phone', text(0x3a09)],
  ['Mobile phone', text(0x3a1c)],
  ['Business fax', text(0x3a24)],
  ['Business address', text('contact/801b')],
  ['Home address', text('contact/801a')],
  ['Other address', text('contact/801c')],
  ['Instant messaging', text('contact/8062')],
  ['Web page', (values) => textOf(values, 'contact/802b') ?? textOf(values, 0x3a51)],
  ['Birthday', day(0x3a42)],
  ['Nickname', text(0x3a4f)],
]

const kinds: readonly (readonly [messageClass: RegExp, fields: typeof appointment])[] = [
  [/^ipm\.(appointment|schedule\.meeting)/i, appointment],
  [/^ipm\.task/i, task],
  [/^ipm\.contact/i, contact],
]

/** What items other than mail have beside a subject and a text: when and where, by when, how to reach. */
export function itemFacts(values: MapiValues): Fact[] {
  const messageClass = textOf(values, property.messageClass) ?? ''
  const fields = kinds.find(([pattern]) => pattern.test(messageClass))?.[1] ?? []
  return fields.flatMap(([name, read]): Fact[] => {
    const value = read(values)
    return value === undefined ? [] : [[name, value]]
  })
}
