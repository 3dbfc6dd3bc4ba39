import type { BlockWriter } from './blocks.ts'
import { maxPoints, maxSeries, type Series, writeSeries } from './chart.ts'
import { builtInKind, type NumberKind, showNumber } from './number-format.ts'
import type { XlsRecords } from './xls-records.ts'
import { boolOrError } from './xls-values.ts'

const record = {
  number: 0x0203,
  label: 0x0204,
  boolOrError: 0x0205,
  series: 0x1003,
  text: 0x100d,
  begin: 0x1033,
  end: 0x1034,
  source: 0x1051,
  cache: 0x1065,
} as const
const ofValues = 1
const ofCategories = 2

/** What a chart is read with. */
interface ChartBook {
  readonly formats: ReadonlyMap<number, NumberKind>
  readonly date1904: boolean
}

/** One chart of a sheet, or a sheet that is one ([MS-XLS] 2.1.7.20.1): its texts, and the cells it has kept of its data. */
export class XlsChart {
  readonly #book: ChartBook
  readonly #string: (at: number) => string
  readonly #name: (at: number) => string
  readonly #titles: string[] = []
  readonly #series: Series[] = []
  /** Number formats of each series: of its values and its categories. */
  readonly #kinds: { values: NumberKind | undefined; categories: NumberKind | undefined }[] = []
  #level = 0
  /** Inside the records of a series. */
  #seriesLevel = -1
  #cached = 0

  /** `string` reads the text at an offset of the record under way, `name` one with a byte of length. */
  constructor(book: ChartBook, string: (at: number) => string, name: (at: number) => string) {
    this.#book = book
    this.#string = string
    this.#name = name
  }

  hear(records: XlsRecords): void {
    switch (records.type) {
      case record.series:
        if (this.#series.length >= maxSeries) break
        this.#series.push({ name: '', categories: [[]], values: [] })
        this.#kinds.push({ values: undefined, categories: undefined })
        this.#seriesLevel = this.#level
        break
      case record.begin:
        this.#level++
        break
      case record.end:
        if (--this.#level <= this.#seriesLevel) this.#seriesLevel = -1
        break
      case record.source: {
        const kinds = this.#kinds.at(-1)
        if (this.#seriesLevel < 0 || !kinds) break
        const kind = this.#book.formats.get(records.word(4)) ?? builtInKind(records.word(4))
        if (records.byte(0) === ofValues) kinds.values = kind
        else if (records.byte(0) === ofCategories) kinds.categories = kind
        break
      }
      case record.text: {
        const text = this.#name(2).trim().split(/\s+/).join(' ')
        const series = this.#series.at(-1)
        if (this.#seriesLevel >= 0 && series) series.name = text
        else if (text !== '' && this.#titles.length < maxPoints) this.#titles.push(text)
        break
      }
      case record.cache:
        this.#cached = records.word(0)
        break
      case record.number: {
        const kinds = this.#kinds[records.word(2)]
        const kind = this.#cached === ofValues ? kinds?.values : kinds?.categories
        this.#put(records, showNumber(records.double(6), kind, this.#book.date1904))
        break
      }
      case record.label:
        this.#put(records, this.#string(6))
        break
      case record.boolOrError:
        this.#put(records, boolOrError(records.byte(7) === 1, records.byte(6)))
        break
    }
  }

  write(out: BlockWriter): void {
    for (const title of this.#titles) out.text(title)
    writeSeries(this.#series, out)
  }

  /** A point of a series: its cell's row and column. */
  #put(records: XlsRecords, text: string): void {
    const point = records.word(0)
    const series = this.#series[records.word(2)]
    if (!series || point >= maxPoints) return
    if (this.#cached === ofValues) series.values[point] = text
    else if (this.#cached === ofCategories) series.categories[0]![point] = text
  }
}
