import { type OfficePackage, scanPart } from './package.ts'
import { attr, numberAttr } from './xml.ts'

/** Excel gives the copy of a thread that older versions show such an author. */
const threadAuthor = /^tc=\{/

/** One line; the author stands with the place unless the text begins with the name, as it does by default. Empty for no text. */
export function commentLine(place: string, author: string, text: string): string {
  const line = text.trim().split(/\s+/).join(' ')
  if (line === '') return ''
  const where = author === '' || line.startsWith(author) ? place : place === '' ? author : `${place}, ${author}`
  return `> Comment${where === '' ? '' : ` (${where})`}: ${line}`
}

/** The same for one of XLSX and XLSB: empty for the copy of a thread that is shown itself. */
export function sheetCommentLine(place: string, author: string, text: string, hasThreads: boolean): string {
  if (!threadAuthor.test(author)) return commentLine(place, author, text)
  if (hasThreads) return ''
  // A sentence about versions of Excel, then the thread behind a line that says so.
  const [, thread = text] = /\n\p{L}+:\n(.*)$/su.exec(text.replaceAll('\r', '')) ?? []
  return commentLine(place, '', thread)
}

/** Comments of a sheet (`comments`) or the notes and replies of its threads (`threadedComment`), one line each. */
export function readSheetComments(pack: OfficePackage, part: string, hasThreads: boolean): string[] {
  const comments: string[] = []
  const authors: string[] = []
  let persons: ReadonlyMap<string, string> | undefined
  let place = ''
  let author = ''
  let text = ''
  let inText = false
  scanPart(pack.zip, part, pack.limits, {
    open(name, attrs) {
      switch (name) {
        case 'author':
          text = ''
          inText = true
          break
        case 'comment':
          place = attr(attrs, 'ref') ?? ''
          author = authors[numberAttr(attrs, 'authorId') ?? -1] ?? ''
          text = ''
          break
        case 'threadedComment':
          persons ??= readPersons(pack)
          place = attr(attrs, 'ref') ?? ''
          author = persons.get(attr(attrs, 'personId') ?? '') ?? ''
          text = ''
          break
        case 't':
        case 'text':
          inText = name === 't' || persons !== undefined
          break
      }
      return name === 'rPh'
    },
    text(piece) {
      if (inText) text += piece
    },
    close(name) {
      if (name === 'author') authors.push(text.trim())
      else if (name === 'comment' || name === 'threadedComment') {
        const line = sheetCommentLine(place, author, text, hasThreads)
        if (line !== '') comments.push(line)
      }
      if (name === 't' || name === 'text' || name === 'author') inText = false
    },
  })
  return comments
}

/** Who wrote in threads, by their numbers. */
function readPersons(pack: OfficePackage): ReadonlyMap<string, string> {
  const persons = new Map<string, string>()
  for (const { type, target } of pack.relationships(pack.main)) {
    if (type !== 'person') continue
    scanPart(pack.zip, target, pack.limits, {
      open(name, attrs) {
        if (name === 'person') persons.set(attr(attrs, 'id') ?? '', attr(attrs, 'displayName')?.trim() ?? '')
        return undefined
      },
    })
  }
  return persons
}
