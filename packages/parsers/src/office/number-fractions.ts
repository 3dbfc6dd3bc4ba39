/** A number format that shows fractions, such as `# ?/?` or `0/16`. */
export interface FractionFormat {
  readonly before: string
  readonly after: string
  /** Whole numbers stand apart. */
  readonly whole: boolean
  /** What to divide by, or the most that it may be. */
  readonly denominator: number
  readonly fixed: boolean
}

/** Reads the section of a format without quotes; undefined where it has no fraction. */
export function readFraction(bare: string): FractionFormat | undefined {
  const [, before = '', whole, , denominator, after = ''] =
    /^([^#0?/]*)(?:([#0?,]+)( +))?[#0?]+ *\/ *([#0?]+|[1-9]\d{0,4})([^#0?/]*)$/.exec(bare) ?? []
  if (denominator === undefined) return undefined
  const fixed = /[1-9]/.test(denominator)
  return {
    before,
    after,
    whole: whole !== undefined,
    denominator: fixed ? Number(denominator) : 10 ** Math.min(denominator.length, 7) - 1,
    fixed,
  }
}

/** `value` is not negative. */
export function showFraction({ before, after, whole, denominator, fixed }: FractionFormat, value: number): string {
  const apart = whole ? Math.floor(value) : 0
  const rest = value - apart
  const [top, below] = fixed ? [Math.round(rest * denominator), denominator] : nearest(rest, denominator)
  const carried = whole && top === below
  const units = apart + (carried ? 1 : 0)
  const showsFraction = top !== 0 && !carried
  const parts = [
    ...(whole && (units > 0 || !showsFraction) ? [String(units)] : []),
    ...(showsFraction || !whole ? [`${top}/${below}`] : []),
  ]
  return `${before}${parts.join(' ')}${after}`.trim()
}

/**
 * The last step of the value's continued fraction whose lower number is at most `most`. Between two steps there may be
 * one that is nearer; Excel does not look for it.
 */
function nearest(value: number, most: number): readonly [number, number] {
  let [lowTop, low, top, below] = [0, 1, 1, 0]
  let rest = value
  for (let n = 0; n < 40; n++) {
    const digit = Math.floor(rest)
    if (digit * below + low > most) break
    ;[lowTop, low, top, below] = [top, below, digit * top + lowTop, digit * below + low]
    const left = rest - digit
    if (left < 1e-10) break
    rest = 1 / left
  }
  return [top, below]
}
