/** Months and weekdays (from Sunday) of one language, long and short. */
export interface DateNames {
  readonly months: readonly string[]
  readonly shortMonths: readonly string[]
  /** As they stand behind a day: Russian, Polish and others have a form for it. */
  readonly monthsAfterDay: readonly string[]
  readonly weekdays: readonly string[]
  readonly shortWeekdays: readonly string[]
}

/** By the primary language of a Windows locale, its lower ten bits ([MS-LCID] 2.2). */
const languages: ReadonlyMap<number, string> = new Map(
  (
    'ar bg ca zh cs da de el en es fi fr he hu is it ja ko nl nb pl pt rm ro ru hr sk sq sv th tr ur id uk be sl et ' +
    'lv lt . fa vi hy az eu . mk . . . . . . af ka fo hi'
  )
    .split(' ')
    .map((language, n) => [n + 1, language] as const)
    .filter(([, language]) => language !== '.'),
)

const known = new Map<string, DateNames>()

/** `locale` as a number format says it behind `[$-`: `407`, `FC19`, `de-DE`; English where it says none. */
export function dateNames(locale: string): DateNames {
  const language =
    /^[a-z]{2}(-|$)/i.test(locale) && !/^[0-9a-f]{2}$/i.test(locale)
      ? locale.slice(0, 2).toLowerCase()
      : (languages.get(Number.parseInt(locale.slice(-4), 16) & 0x3ff) ?? 'en')
  const names = known.get(language) ?? readNames(language)
  known.set(language, names)
  return names
}

function readNames(language: string): DateNames {
  const list = (count: number, options: Intl.DateTimeFormatOptions, part: 'month' | 'weekday'): string[] => {
    const format = new Intl.DateTimeFormat(`${language}-u-ca-gregory`, { ...options, timeZone: 'UTC' })
    return Array.from({ length: count }, (_, n) => {
      // 1 January 2023 was a Sunday.
      const moment = Date.UTC(2023, part === 'month' ? n : 0, part === 'month' ? 1 : n + 1)
      const found = format.formatToParts(moment).find(({ type }) => type === part)?.value ?? ''
      return found.replace(/\.$/, '')
    })
  }
  try {
    return {
      months: list(12, { month: 'long' }, 'month'),
      shortMonths: list(12, { month: 'short' }, 'month'),
      monthsAfterDay: list(12, { month: 'long', day: 'numeric' }, 'month'),
      weekdays: list(7, { weekday: 'long' }, 'weekday'),
      shortWeekdays: list(7, { weekday: 'short' }, 'weekday'),
    }
  } catch {
    return dateNames('en')
  }
}
