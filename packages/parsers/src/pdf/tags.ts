import type { Pdfium } from './engine.ts'
import { readString } from './strings.ts'

/** What a tagged document says of a piece of its text: letters of one tag belong together. */
export type Tag =
  | { readonly kind: 'heading'; readonly level: number }
  | { readonly kind: 'cell'; readonly table: TableTag; readonly row: number; readonly column: number }

export interface TableTag {
  /** Some of its cells lie in several rows or columns. */
  hasSpans: boolean
}

/** Tags of a page by the numbers that its content carries. */
export type Tags = ReadonlyMap<number, Tag>

/** Looked at: each element a few times. */
const maxElements = 60_000
const maxDepth = 60
const maxTypeChars = 60
const maxSpan = 50
const maxFormObjects = 50
const formObject = 5
const headings: Readonly<Record<string, number>> = { Title: 1, H1: 1, H: 2, H2: 2, H3: 3, H4: 4, H5: 5, H6: 6 }

/** What looking for tags may cost in a whole document: PDFium builds the tree for each page anew. */
export interface TagBudget {
  /** Places for elements that may yet be looked at; those of long documents' trees are passed on each page. */
  left: number
}

/** For a document of which nothing was read yet. */
export const firstBudget = 30_000
/** More for each letter that was read. */
export const budgetOfLetter = 0.03

/**
 * Headings and tables of the page's structure tree (PDF 32000-1, 14.7 and 14.8); nothing where it has none, or where
 * `budget` is used up.
 */
export function readTags(engine: Pdfium, page: number, scratch: number, budget: TagBudget): Tags | undefined {
  if (budget.left <= 0) return undefined
  const tree = engine.FPDF_StructTree_GetForPage(page)
  if (tree === 0) return undefined
  try {
    const walk = new Walk(engine, scratch)
    const count = engine.FPDF_StructTree_CountChildren(tree)
    for (let index = 0; index < count; index++) walk.visit(engine.FPDF_StructTree_GetChildAtIndex(tree, index), 0)
    budget.left -= walk.passed
    // Content that a page draws from elsewhere counts for itself, with the same numbers.
    return walk.tags.size === 0 || hasNumberedForms(engine, page) ? undefined : walk.tags
  } finally {
    engine.FPDF_StructTree_Close(tree)
  }
}

class Walk {
  readonly tags: Map<number, Tag> = new Map<number, Tag>()
  readonly #engine: Pdfium
  readonly #scratch: number
  #left = maxElements

  get passed(): number {
    return maxElements - this.#left
  }

  constructor(engine: Pdfium, scratch: number) {
    this.#engine = engine
    this.#scratch = scratch
  }

  visit(element: number, depth: number): void {
    if (element === 0 || depth > maxDepth) return
    const type = this.#typeOf(element)
    const level = headings[type]
    if (level !== undefined) this.#put(element, { kind: 'heading', level }, depth)
    else if (type === 'Table') this.#table(element, depth)
    else for (const child of this.#childrenOf(element)) this.visit(child, depth + 1)
  }

  /** Rows and cells; what holds a table, a list or a heading in its cells is a page's layout. */
  #table(table: number, depth: number): void {
    const rows: number[] = []
    const collect = (element: number, below: number): void => {
      if (this.#typeOf(element) === 'TR') rows.push(element)
      else if (below < 3) for (const child of this.#childrenOf(element)) collect(child, below + 1)
    }
    for (const child of this.#childrenOf(table)) collect(child, 0)
    const name: TableTag = { hasSpans: false }
    const cells: { readonly element: number; readonly tag: Tag }[] = []
    /** For each column the row in which it is free again. */
    const free: number[] = []
    rows.forEach((element, row) => {
      let column = 0
      for (const cell of this.#childrenOf(element)) {
        while ((free[column] ?? 0) > row) column++
        const [wide, high] = [this.#span(cell, 'ColSpan'), this.#span(cell, 'RowSpan')]
        if (wide > 1 || high > 1) name.hasSpans = true
        cells.push({ element: cell, tag: { kind: 'cell', table: name, row, column } })
        for (let next = column; next < column + wide; next++) free[next] = row + high
        column += wide
      }
    })
    if (rows.length < 2 || free.length < 2 || cells.some(({ element }) => this.#isLayout(element, 0))) {
      for (const child of this.#childrenOf(table)) this.visit(child, depth + 1)
      return
    }
    for (const { element, tag } of cells) this.#put(element, tag, depth)
  }

  #isLayout(element: number, depth: number): boolean {
    if (depth > 4) return false
    return this.#childrenOf(element).some((child) => {
      const type = this.#typeOf(child)
      return type === 'Table' || type === 'L' || headings[type] !== undefined || this.#isLayout(child, depth + 1)
    })
  }

  #put(element: number, tag: Tag, depth: number): void {
    if (depth > maxDepth) return
    const engine = this.#engine
    const count = engine.FPDF_StructElement_CountChildren(element)
    for (let index = 0; index < count && this.#left-- > 0; index++) {
      const content = engine.FPDF_StructElement_GetChildMarkedContentID(element, index)
      if (content >= 0) this.tags.set(content, tag)
      const child = engine.FPDF_StructElement_GetChildAtIndex(element, index)
      if (child !== 0) this.#put(child, tag, depth + 1)
    }
  }

  #typeOf(element: number): string {
    return (
      readString(this.#engine, maxTypeChars, (buffer, size) =>
        this.#engine.FPDF_StructElement_GetType(element, buffer, size),
      ) ?? ''
    )
  }

  #childrenOf(element: number): number[] {
    const children: number[] = []
    const count = this.#engine.FPDF_StructElement_CountChildren(element)
    for (let index = 0; index < count && this.#left-- > 0; index++) {
      const child = this.#engine.FPDF_StructElement_GetChildAtIndex(element, index)
      if (child !== 0) children.push(child)
    }
    return children
  }

  #span(cell: number, name: 'ColSpan' | 'RowSpan'): number {
    const engine = this.#engine
    const count = engine.FPDF_StructElement_GetAttributeCount(cell)
    for (let index = 0; index < Math.min(count, maxSpan); index++) {
      const attribute = engine.FPDF_StructElement_GetAttributeAtIndex(cell, index)
      const value = attribute === 0 ? 0 : engine.FPDF_StructElement_Attr_GetValue(attribute, name)
      if (value === 0 || !engine.FPDF_StructElement_Attr_GetNumberValue(value, this.#scratch)) continue
      const span = Math.round(new DataView(engine.pdfium.HEAPU8.buffer).getFloat32(this.#scratch, true))
      return Math.min(Math.max(span, 1), maxSpan)
    }
    return 1
  }
}

function hasNumberedForms(engine: Pdfium, page: number): boolean {
  const { wasmExports } = engine.pdfium
  const count = engine.FPDFPage_CountObjects(page)
  for (let index = 0; index < Math.min(count, maxElements); index++) {
    const object = wasmExports.FPDFPage_GetObject(page, index)
    if (wasmExports.FPDFPageObj_GetType(object) !== formObject) continue
    const inner = Math.min(engine.FPDFFormObj_CountObjects(object), maxFormObjects)
    for (let at = 0; at < inner; at++)
      if (engine.FPDFPageObj_GetMarkedContentID(engine.FPDFFormObj_GetObject(object, at)) >= 0) return true
  }
  return false
}
