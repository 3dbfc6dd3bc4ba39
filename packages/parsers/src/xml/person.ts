const surnames = /^(surname|last-?name|family)$/
const givenNames = /^(given-names|first-?name|forename|given|middle-name|middlename|othername|suffix|lineage)$/
const fullNames =
  /^(|collab|string-name|name|personname|name-alternatives|literal|orgname|organization-name|anonymous|addressbook|sup|sub)$/
const ignored = /^(xref|label|contrib-id|sequence|residence|nationality|us-rights)$/

/** Who is named in one element, in the order in which people say it; or a date by its parts. */
export class Person {
  readonly #path: string[] = []
  #surname = ''
  #given = ''
  #full = ''
  readonly #more: string[] = []
  readonly #date = { year: '', month: '', day: '' }

  open(name: string): void {
    this.#path.push(name)
  }

  close(): void {
    this.#path.pop()
  }

  add(raw: string): void {
    const text = raw.trim().replace(/\s+/g, ' ').slice(0, 500)
    const name = this.#path.at(-1) ?? ''
    if (text === '' || this.#path.some((each) => ignored.test(each))) return
    if (name === 'year' || name === 'month' || name === 'day') this.#date[name] = text
    else if (surnames.test(name)) this.#surname += text
    else if (givenNames.test(name)) this.#given = `${this.#given} ${text}`.trim()
    else if (fullNames.test(name)) this.#full = `${this.#full} ${text}`.trim()
    // Roles in patents are numbers.
    else if (this.#more.length < 20 && !(name === 'role' && /^\d+$/.test(text))) this.#more.push(text)
  }

  get name(): string {
    return `${this.#given} ${this.#surname}`.trim() || this.#full
  }

  /** With what else is said of them. */
  get line(): string {
    const company = this.name === this.#full ? '' : this.#full
    return [this.name, company, ...this.#more].filter((text) => text !== '').join(', ')
  }

  get date(): string {
    const { year, month, day } = this.#date
    const text = year === '' ? [this.#full, ...this.#more].join(' ').trim() : [year, two(month), two(day)].join('-')
    return text.replace(/-+$/, '').replace(/^(\d{4})(\d\d)(\d\d)$/, '$1-$2-$3')
  }
}

function two(number: string): string {
  return /^\d$/.test(number) ? `0${number}` : number
}
