import { attr } from './xml.ts'

/** Controls that show one text, which somebody may have typed. */
const fields = new Set([
  'form:text',
  'form:textarea',
  'form:formatted-text',
  'form:number',
  'form:date',
  'form:time',
  'form:combobox',
])
const boxes = new Set(['form:checkbox', 'form:radio'])
const labels = new Set(['form:fixed-text', 'form:button'])
const maxControls = 20_000

/** What the controls of forms show (OASIS ODF 1.3 part 3, 13.5); `draw:control` puts them into the text by their id. */
export class OdfForms {
  readonly #texts = new Map<string, string>()
  #list: string | undefined
  #mark: string | undefined
  #chosen: string | undefined
  #entries: string[] = []

  /** Hears an element of `office:forms`; true for what has nothing to show. */
  open(name: string, attrs: string): boolean {
    const id = attr(attrs, 'form:id') ?? attr(attrs, 'xml:id')
    if (name === 'form:listbox') this.#list = id
    else if (name === 'form:option') {
      const isChosen = (attr(attrs, 'form:current-selected') ?? attr(attrs, 'form:selected')) === 'true'
      if (isChosen && this.#list !== undefined) this.#keep(this.#list, attr(attrs, 'form:label'))
    } else if (id !== undefined && fields.has(name))
      this.#keep(id, attr(attrs, 'form:current-value') ?? attr(attrs, 'form:value'))
    else if (id !== undefined && labels.has(name)) this.#keep(id, attr(attrs, 'form:label'))
    else if (id !== undefined && boxes.has(name)) {
      const state = name === 'form:checkbox' ? 'state' : 'selected'
      const isSet = /^(checked|true)$/.test(attr(attrs, `form:current-${state}`) ?? attr(attrs, `form:${state}`) ?? '')
      this.#keep(id, `${isSet ? '☒' : '☐'} ${attr(attrs, 'form:label') ?? ''}`)
    }
    return name === 'form:properties'
  }

  /** A mark of an old form in the text (LibreOffice's extension), for what it takes over from Word's forms. */
  mark(type: string | undefined): void {
    this.#mark = /\.FORM(CHECKBOX|DROPDOWN)$/.exec(type ?? '')?.[1]
    this.#chosen = undefined
    this.#entries = []
  }

  parameter(name: string | undefined, value: string | undefined): void {
    if (name === 'Checkbox_Checked' || name === 'Dropdown_Selected') this.#chosen = value
    else if (name === 'Dropdown_ListEntry' && this.#entries.length < 100) this.#entries.push(value ?? '')
  }

  /** What the mark shows, at its end. */
  marked(): string {
    if (this.#mark === 'CHECKBOX') return this.#chosen === 'true' ? '☒' : '☐'
    return this.#mark === 'DROPDOWN' ? (this.#entries[Number(this.#chosen ?? 0)] ?? '') : ''
  }

  text(id: string | undefined): string {
    return id === undefined ? '' : (this.#texts.get(id) ?? '')
  }

  #keep(id: string, text: string | undefined): void {
    const shown = text?.trim().split(/\s+/).join(' ')
    if (!shown || this.#texts.size >= maxControls) return
    const before = this.#texts.get(id)
    this.#texts.set(id, before === undefined ? shown : `${before}, ${shown}`)
  }
}
