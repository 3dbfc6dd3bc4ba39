import { BoundedText } from '../bounded-text.ts'
import { FormatError, type FormatOutput } from '../format.ts'
import { htmlToMarkdown } from '../html/index.ts'
import { Formula } from '../office/formula.ts'
import { makeProperties } from '../office/properties.ts'
import { attributeOf, escapeMarkup, headingLevel, languageAttribute, linkTarget, spanAttributes } from './attributes.ts'
import { Person } from './person.ts'
import * as names from './prose-names.ts'
import { isJoined, roleOf } from './vocabulary.ts'

type Attributes = Readonly<Record<string, unknown>>

interface Open {
  readonly name: string
  /** What ends it in HTML. */
  readonly end: string
  /** Text in it, and in what is in it, is part of a paragraph, cell or heading. */
  readonly flows?: boolean
  readonly isSection?: boolean
  readonly isFootnote?: boolean
  readonly skips?: boolean
}

interface Limits {
  readonly maxOutputChars: number
  readonly maxDepth: number
}

const maxAuthors = 100
const maxTitle = 300

/** An article, book or patent as HTML, which is made Markdown of: both know the same things by other names. */
export class XmlProse {
  readonly #html: BoundedText
  readonly #limits: Limits
  readonly #open: Open[] = []
  readonly #authors: string[] = []
  #sections = 0
  #footnotes = 0
  #isNoteNew = false
  /** The element whose text is told by its name, and the one told before it. */
  #field = ''
  #label = ''
  /** Whoever, or whenever, is being read. */
  #person: Person | undefined
  #formula: Formula | undefined
  /** Of a figure or a section, to stand before its title. */
  #number = ''
  #title = ''
  #isTitle = false
  #language: string | undefined
  #date: string | undefined

  constructor(limits: Limits) {
    this.#limits = limits
    this.#html = new BoundedText(limits.maxOutputChars * 3)
  }

  open(qualified: string, attributes: Attributes): void {
    const depth = this.#open.length
    if (depth >= this.#limits.maxDepth)
      throw new FormatError('corrupt', `Elements are nested deeper than ${this.#limits.maxDepth}.`)
    const name = qualified.slice(qualified.indexOf(':') + 1).toLowerCase()
    if (depth === 0) this.#root(attributes)
    const parent = this.#open[depth - 1]
    if (this.#formula !== undefined) {
      this.#open.push({ name, end: '', skips: parent?.skips === true || this.#formula.open(name, '') })
      return
    }
    const flows = parent?.flows === true
    this.#person?.open(name)
    const open =
      parent?.skips === true || names.skipped.has(name) || (name === 'tex-math' && parent?.name === 'alternatives')
        ? { end: '', skips: true }
        : this.#person !== undefined
          ? { end: '' }
          : (this.#inFootnote(name, flows) ??
            (flows ? undefined : this.#aside(name)) ??
            this.#block(name, qualified, parent, attributes))
    this.#open.push({ ...(flows && { flows }), ...open, name })
  }

  add(text: string): void {
    const open = this.#open.at(-1)
    if (open === undefined || open.skips) return
    if (this.#person !== undefined) {
      this.#person.add(text)
      return
    }
    if (this.#formula !== undefined) {
      if (text.trim() !== '') this.#formula.text(text)
      return
    }
    if (this.#isTitle && this.#title.length < maxTitle) this.#title += text
    if (open.name === 'label') {
      // The bullets of a list are marked as such already.
      if (!open.flows) this.#number += text
      else if (/[\p{L}\p{N}]/u.test(text)) this.#html.append(escapeMarkup(text))
    } else {
      if (!open.flows && this.#field === '') {
        if (text.trim() === '') return
        this.#startField(open.name)
      }
      this.#html.append(escapeMarkup(text))
    }
  }

  close(): void {
    const open = this.#open.pop()
    if (open === undefined) return
    const { name, end } = open
    if (this.#person !== undefined && !this.#closePerson(name)) return
    if (open.skips) return
    if (this.#formula !== undefined) {
      if (name !== 'math') {
        this.#formula.close(name)
        return
      }
      this.#html.append(escapeMarkup(this.#formula.toString()))
      this.#formula = undefined
    }
    if (open.isSection) {
      this.#endField()
      this.#sections--
    }
    if (open.isFootnote) this.#footnotes--
    if (this.#isTitle && end.startsWith('</h')) this.#isTitle = false
    this.#html.append(end)
    if (this.#field === name && !open.flows) this.#field = ''
    // What was in it is one record.
    else if (!open.flows && end === '' && this.#field === '' && name !== 'label' && !isLine(name)) this.#label = ''
  }

  finish(): FormatOutput {
    while (this.#open.length > 0) this.close()
    const markdown = htmlToMarkdown(this.#html.toString(), this.#limits.maxOutputChars)
    const properties = makeProperties({
      title: this.#title.replace(/\s+/g, ' ').slice(0, maxTitle),
      author: this.#authors.join(', '),
      language: this.#language,
      createdAt: this.#date,
    })
    return { ...properties, markdown }
  }

  #root(attributes: Attributes): void {
    const language = attributeOf(attributes, 'xml:lang') ?? attributeOf(attributes, 'lang')
    if (language !== undefined && /^[a-z]{2,3}(-[a-z0-9]{2,8})*$/i.test(language))
      this.#language = language.toLowerCase()
    this.#date = attributeOf(attributes, 'date-publ')?.replace(/^(\d{4})(\d\d)(\d\d)$/, '$1-$2-$3')
  }

  /** In a sentence notes stand in parentheses, in one line. */
  #inFootnote(name: string, flows: boolean): Omit<Open, 'name'> | undefined {
    if (flows && names.footnotes.has(name)) {
      this.#footnotes++
      this.#isNoteNew = true
      this.#html.append(' (')
      return { end: ')', isFootnote: true }
    }
    if (this.#footnotes === 0 || names.inlineTags.has(names.htmlNames.get(name) ?? '')) return undefined
    if (!this.#isNoteNew) this.#html.append(' ')
    this.#isNoteNew = false
    return { end: '' }
  }

  /** Outside of paragraphs: people, dates and the numbers of sections. */
  #aside(name: string): Omit<Open, 'name'> | undefined {
    if (names.people.has(name) || names.dates.has(name)) this.#person = new Person()
    else if (name !== 'label') return undefined
    else this.#endField()
    return { end: '' }
  }

  #block(name: string, qualified: string, parent: Open | undefined, attributes: Attributes): Omit<Open, 'name'> {
    const isDocuments = names.documentTitles.has(name)
    if (names.headings.has(name) || (isDocuments && parent?.flows !== true))
      return this.#heading(name, parent, attributes)
    if (names.breaks.has(name)) {
      this.#html.append('<br>')
      return { end: '' }
    }
    if (names.sections.has(name)) {
      this.#endField()
      this.#sections++
      return { end: '', isSection: true }
    }
    if (name === 'tex-math') {
      this.#html.append('<math alttext="')
      return { end: '"></math>' }
    }
    if (name === 'math') this.#formula = new Formula()
    const tag = names.tagOf(name, parent?.name, parent?.flows === true, attributes)
    if (tag === undefined) return this.#unknown(name, qualified, parent, attributes)
    if (names.inlineTags.has(tag)) return this.#inline(tag, parent, attributes)
    this.#endField()
    const more =
      tag === 'td' || tag === 'th' ? spanAttributes(attributes) : tag === 'pre' ? languageAttribute(attributes) : ''
    this.#html.append(`<${tag}${more}>`)
    const flows = names.flowTags.has(tag)
    if (flows && tag !== 'pre') this.#html.append(this.#takeNumber())
    return { end: `</${tag}>`, ...(flows && { flows }) }
  }

  #heading(name: string, parent: Open | undefined, attributes: Attributes): Omit<Open, 'name'> {
    this.#endField()
    const number = this.#takeNumber()
    const around = names.wrappers.has(parent?.name ?? '') ? this.#open.at(-2) : parent
    const isDocuments = names.documentTitles.has(name) || parent?.name === 'titlestmt'
    if (!isDocuments && name !== 'heading' && around?.isSection !== true) {
      this.#html.append(`<p><b>${number}`)
      return { end: '</b></p>', flows: true }
    }
    const own = name === 'heading' ? headingLevel(attributes) + 1 : this.#sections
    const level = isDocuments ? 1 : Math.min(6, Math.max(1, own))
    this.#isTitle = this.#title === '' && name !== 'heading'
    this.#html.append(`<h${level}>${number}`)
    return { end: `</h${level}>`, flows: true }
  }

  #inline(tag: string, parent: Open | undefined, attributes: Attributes): Omit<Open, 'name'> {
    if (!parent?.flows && this.#field === '') {
      this.#html.append('<p>')
      this.#field = parent?.name ?? ''
    }
    const url = tag === 'a' ? linkTarget(attributes) : undefined
    if (tag === 'a' && url === undefined) return { end: '' }
    this.#html.append(url === undefined ? `<${tag}>` : `<a href="${escapeMarkup(url)}">`)
    return { end: `</${tag}>` }
  }

  /** In a sentence it is a gap between words at most; elsewhere its text is told by its name. */
  #unknown(name: string, qualified: string, parent: Open | undefined, attributes: Attributes): Omit<Open, 'name'> {
    const told = attributeOf(attributes, 'navtitle') ?? linkTarget(attributes)
    if (parent?.flows || this.#field !== '') {
      const isApart = !isJoined(name, roleOf(qualified, { isDocument: true, isFeed: false }))
      if (isApart) this.#html.append(' ')
      return { end: isApart ? ' ' : '' }
    }
    if (told !== undefined) {
      this.#startField(name)
      this.#html.append(escapeMarkup(told))
      this.#field = ''
    }
    return { end: '' }
  }

  #startField(name: string): void {
    this.#html.append(this.#label === '' ? '<p>' : '<br>')
    if (this.#label !== name && !names.bare.has(name) && !names.sections.has(name) && !names.people.has(name))
      this.#html.append(`${escapeMarkup(name)}: `)
    this.#field = name
    this.#label = name
  }

  #endField(): void {
    if (this.#label !== '' || this.#field !== '') this.#html.append('<p>')
    this.#field = ''
    this.#label = ''
  }

  #takeNumber(): string {
    const number = this.#number.trim()
    this.#number = ''
    return number === '' ? '' : `${escapeMarkup(number)} `
  }

  /** Whether there is nobody left to read. */
  #closePerson(name: string): boolean {
    const person = this.#person!
    if (names.dates.has(name) && !this.#open.some((each) => names.people.has(each.name))) {
      this.#person = undefined
      if (person.date === '') return true
      this.#startField(name)
      this.#html.append(escapeMarkup(person.date))
      this.#field = ''
      if (name !== 'date') this.#date ??= person.date
      return true
    }
    if (!names.people.has(name) || this.#open.some((each) => names.people.has(each.name))) {
      person.close()
      return false
    }
    this.#person = undefined
    if (person.line === '') return true
    this.#startField(name)
    this.#html.append(escapeMarkup(person.line))
    this.#field = ''
    if (names.authors.has(name) && this.#authors.length < maxAuthors && !this.#authors.includes(person.name))
      this.#authors.push(person.name)
    return true
  }
}

/** People and dates that follow each other are lines of one paragraph. */
function isLine(name: string): boolean {
  return names.people.has(name) || names.dates.has(name)
}
