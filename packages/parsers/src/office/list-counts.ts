import { listLabel } from './numbers.ts'

/** One level of a list in Word's binary and rich text formats. */
export interface ListLevel {
  readonly start: number
  /** Number of the format ([MS-OSHARED] 2.2.1.3). */
  readonly format: number
  /** Characters below 9 stand for the count of that level. */
  readonly text: string
  /** Levels before this one restart it; undefined for every one above. */
  readonly restart: number | undefined
  /** All counts are shown as decimal. */
  readonly legal: boolean
}

/** A list; its counts go on through the whole document. */
export interface ListShape {
  readonly levels: readonly ListLevel[]
  readonly counts: (number | undefined)[]
}

/** What paragraphs name: a list with starts or levels of its own. */
export interface ListOverride {
  readonly list: number
  readonly starts: Map<number, number>
  readonly levels: Map<number, ListLevel>
  readonly begun: Set<number>
}

/** ST_NumberFormat's names of the formats that {@link listLabel} knows ([MS-OSHARED] 2.2.1.3). */
const formats = new Map([
  [1, 'upperRoman'],
  [2, 'lowerRoman'],
  [3, 'upperLetter'],
  [4, 'lowerLetter'],
  [5, 'ordinal'],
  [10, 'ideographDigital'],
  [11, 'japaneseCounting'],
  [12, 'aiueo'],
  [13, 'iroha'],
  [17, 'japaneseDigitalTenThousand'],
  [18, 'decimalEnclosedCircle'],
  [20, 'aiueo'],
  [21, 'iroha'],
  [22, 'decimalZero'],
  [23, 'none'],
  [24, 'ganada'],
  [25, 'chosung'],
  [26, 'decimalEnclosedFullstop'],
  [27, 'decimalEnclosedParen'],
  [28, 'decimalEnclosedCircle'],
  [29, 'ideographEnclosedCircle'],
  [30, 'ideographTraditional'],
  [31, 'ideographZodiac'],
  [33, 'taiwaneseCounting'],
  [35, 'taiwaneseCountingThousand'],
  [36, 'taiwaneseDigital'],
  [37, 'chineseCounting'],
  [39, 'chineseCountingThousand'],
  [46, 'arabicAlpha'],
  [47, 'hebrew2'],
  [48, 'arabicAbjad'],
  [53, 'thaiLetters'],
  [57, 'numberInDash'],
  [58, 'russianLower'],
  [59, 'russianUpper'],
  [255, 'none'],
])
const bullet = 23

/** Counts the next item at a level as Word does: its label, `-` where it has no number; undefined for a level that is not there. */
export function countItem(override: ListOverride, shape: ListShape, at: number): string | undefined {
  const levelAt = (n: number): ListLevel | undefined => override.levels.get(n) ?? shape.levels[n]
  const level = levelAt(at) ?? levelAt(0)
  if (!level) return undefined
  return level.format === bullet ? '-' : count(override, shape, level, at, levelAt)
}

function count(
  override: ListOverride,
  { counts }: ListShape,
  level: ListLevel,
  at: number,
  levelAt: (n: number) => ListLevel | undefined,
): string {
  const start = override.starts.get(at)
  if (start !== undefined && !override.begun.has(at)) counts[at] = start
  else counts[at] = counts[at] === undefined ? level.start : counts[at] + 1
  override.begun.add(at)
  // An item below one that was never there counts for both.
  for (let above = 0; above < at; above++) counts[above] ??= levelAt(above)?.start ?? 1
  for (let deeper = at + 1; deeper < counts.length; deeper++) {
    const restart = levelAt(deeper)?.restart
    if (restart === undefined || at < restart) counts[deeper] = undefined
  }
  let label = ''
  for (const char of level.text) {
    const shown = char.charCodeAt(0)
    if (shown >= 9) label += char
    else {
      const above = levelAt(shown)
      const format = level.legal ? 'decimal' : (formats.get(above?.format ?? 0) ?? 'decimal')
      label += listLabel(counts[shown] ?? above?.start ?? 1, format)
    }
  }
  label = label.trim()
  // A font of symbols: a number it is not.
  return label === '' || /^[\uf000-\uf0ff]+$/.test(label) ? '-' : label
}
