import { BlockWriter } from './blocks.ts'
import { type DocShape, pictureText, readShapes } from './doc-art.ts'
import { type DocFib, type DocPart, unlessDamaged } from './doc-fib.ts'
import { formText } from './doc-forms.ts'
import { type DocMarks, type DocText, writeDocText } from './doc-text.ts'
import { equationText } from './mtef.ts'

/** The texts of a document, which lie one behind the other ([MS-DOC] 2.3). */
const stories = ['main', 'footnotes', 'margins', 'macros', 'comments', 'endnotes', 'boxes', 'marginBoxes'] as const
type Story = (typeof stories)[number]

const maxMargins = 20
const firstMargin = 6

/** Writes the main text with its text boxes, then notes, comments, headers and footers; each of the latter once. */
export function writeDoc(
  out: BlockWriter,
  fib: DocFib,
  doc: DocText,
  maxChars: number,
  onTitle: (text: string) => void,
): void {
  const { lengths } = fib
  const startOf = (name: Story): number => {
    let start = 0
    for (let n = 0; stories[n] !== name; n++) start += lengths[n]!
    return start
  }
  const lengthOf = (name: Story): number => lengths[stories.indexOf(name)]!
  /** Of a text with several parts: where they begin and end; all of it as one where that is not known. */
  const partsOf = (name: Story, part: DocPart, entryBytes = 0): readonly (readonly [from: number, to: number])[] => {
    const length = lengthOf(name)
    if (length === 0) return []
    const places = positions(fib.part(part), entryBytes)
    if (places.length < 2) return [[0, length]]
    const parts: [number, number][] = []
    let last = 0
    for (let n = 0; n + 1 < places.length; n++) {
      const from = Math.max(last, places[n]!)
      const to = Math.max(from, Math.min(length, places[n + 1]!))
      parts.push([from, to])
      last = to
    }
    return parts
  }
  let data: DataView | false | undefined
  const equations = new Map<number, string>()
  /** What there is outside the main text, too. */
  const aside: DocMarks = {
    note: () => '',
    box: () => {},
    title: () => {},
    object(id) {
      const known = equations.get(id)
      if (known !== undefined) return known
      const equation = unlessDamaged(() => fib.object(id, 'Equation Native'))
      const text = equation ? equationText(equation) : ''
      equations.set(id, text)
      return text
    },
    picture(place, isData) {
      data ??= unlessDamaged(() => fib.data()) ?? false
      const from = data
      return (from && unlessDamaged(() => (isData ? formText(from, place) : pictureText(from, place)))) || ''
    },
  }
  const textOf = (name: Story, [from, to]: readonly [number, number]): string => {
    const side = new BlockWriter(maxChars)
    const start = startOf(name)
    if (to > from) writeDocText(side, doc, start + from, start + to, aside)
    return side.finish()
  }

  const numbers = new Map<number, string>()
  const seen = (position: number): string => {
    const mark = numbers.get(position) ?? `[^${numbers.size + 1}]`
    numbers.set(position, mark)
    return mark
  }
  const footnotes = lengthOf('footnotes') > 0 ? positions(fib.part('footnoteMarks'), 2) : []
  const endnotes = lengthOf('endnotes') > 0 ? positions(fib.part('endnoteMarks'), 2) : []
  const marked = new Set([...footnotes.slice(0, -1), ...endnotes.slice(0, -1)])
  const boxes = lengthOf('boxes') > 0 ? partsOf('boxes', 'boxes', 22) : []
  const anchors = unlessDamaged(() => readAnchors(fib)) ?? new Map<number, Anchored>()
  const placed = new Set<number>()
  const box = (n: number, into: BlockWriter): void => {
    const part = boxes[n]
    if (!part || placed.has(n)) return
    placed.add(n)
    const start = startOf('boxes')
    if (part[1] > part[0]) writeDocText(into, doc, start + part[0], start + part[1], aside)
  }

  const alone = lengths.every((length) => length === 0)
  writeDocText(out, doc, 0, alone ? Number.MAX_SAFE_INTEGER : lengthOf('main'), {
    ...aside,
    note: (position) => (marked.has(position) ? seen(position) : ''),
    box(position, into) {
      const anchored = anchors.get(position)
      for (const n of anchored?.boxes ?? []) box(n, into)
      for (const text of anchored?.texts ?? []) into.text(text)
    },
    title: onTitle,
  })
  for (let n = 0; n < boxes.length; n++) box(n, out)
  for (const [name, places] of [
    ['footnotes', footnotes],
    ['endnotes', endnotes],
  ] as const) {
    partsOf(name, name).forEach((part, n) => {
      const text = textOf(name, part)
      const position = places[n]
      if (text !== '') out.text(position === undefined ? text : `${seen(position)}: ${text}`)
    })
  }
  const authors = lengthOf('comments') > 0 ? (unlessDamaged(() => readAuthors(fib)) ?? []) : []
  partsOf('comments', 'comments').forEach((part, n) => {
    const text = textOf('comments', part).replace(/\s*\n\s*/g, ' ')
    if (text !== '') out.text(`> Comment${authors[n] ? ` (${authors[n]})` : ''}: ${text}`)
  })
  const margins = new Set<string>()
  const write = (text: string): void => {
    if (/\p{L}{3}/u.test(text) && !margins.has(text) && margins.size <= maxMargins) out.text(text)
    margins.add(text)
  }
  // Since Word 97 the first six are the lines between text and notes.
  for (const part of partsOf('margins', 'margins').slice(fib.old ? 0 : firstMargin)) write(textOf('margins', part))
  if (lengthOf('marginBoxes') > 0) write(textOf('marginBoxes', [0, lengthOf('marginBoxes')]))
}

/** The positions of a PLC ([MS-DOC] 2.2.2), one more than it has entries. */
function positions(plc: DataView | undefined, entryBytes: number): readonly number[] {
  const found: number[] = []
  const count = plc ? Math.floor((plc.byteLength - 4) / (4 + entryBytes)) : -1
  for (let n = 0; n <= count; n++) found.push(plc!.getUint32(n * 4, true))
  return found
}

interface Anchored {
  /** Numbers of text boxes. */
  readonly boxes: readonly number[]
  readonly texts: readonly string[]
}

/** What is anchored at each position: shapes are told by their numbers, and text boxes know in which shape they are. */
function readAnchors(fib: DocFib): ReadonlyMap<number, Anchored> {
  const [anchors, boxes] = [fib.part('anchors'), fib.part('boxes')]
  const found = new Map<number, Anchored>()
  if (!anchors) return found
  const shapes = unlessDamaged(() => readShapes(fib)) ?? new Map<number, DocShape>()
  const numbers = new Map<number, number>()
  const boxCount = boxes ? Math.floor((boxes.byteLength - 4) / 26) : 0
  for (let n = 0; n < boxCount; n++) numbers.set(boxes!.getInt32((boxCount + 1) * 4 + n * 22 + 14, true), n)
  const places = positions(anchors, 26)
  // A shape is anchored once; a hostile file must not have a large group everywhere.
  const anchored = new Set<number>()
  for (let n = 0; n + 1 < places.length; n++) {
    const id = anchors.getInt32(places.length * 4 + n * 26, true)
    const { ids, texts } = (anchored.has(id) ? undefined : shapes.get(id)) ?? { ids: [id], texts: [] }
    anchored.add(id)
    found.set(places[n]!, { boxes: ids.flatMap((each) => numbers.get(each) ?? []), texts })
  }
  return found
}

/** Who wrote each comment. */
function readAuthors({ part, old }: DocFib): readonly string[] {
  const [marks, names] = [part('commentMarks'), part('commentAuthors')]
  if (old || !marks || !names) return []
  const people: string[] = []
  for (let at = 0; at + 2 <= names.byteLength; ) {
    const length = names.getUint16(at, true) * 2
    const end = Math.min(names.byteLength, at + 2 + length)
    people.push(Buffer.from(names.buffer, names.byteOffset + at + 2, end - at - 2).toString('utf16le'))
    at += 2 + length
  }
  const count = positions(marks, 30).length
  return Array.from(
    { length: Math.max(0, count - 1) },
    (_, n) => people[marks.getUint16(count * 4 + n * 30 + 20, true)] ?? '',
  )
}
