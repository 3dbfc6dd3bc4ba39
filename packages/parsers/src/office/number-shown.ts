/** The same rule as that of number formats (`showDate`) for a date that is stored as ISO 8601 beside its shown text. */
export function shownDate(shown: string, stored: string): string {
  const day = stored.slice(0, 10)
  const clock = /\d{1,2}:\d{2}(?::\d{2}(?:[.,]\d+)?)?(?:\s?[AP]M\b)?/i.exec(shown)?.[0]
  const isMidnight = !/T.*[1-9]/.test(stored)
  const isoWithTime = clock === undefined || isMidnight ? day : `${day} ${clock}`
  const date = clock === undefined ? shown : shown.replace(clock, '')
  if (/\p{L}/u.test(date.replace(/[年月日년월일]/gu, ''))) return fullYear(shown, stored)
  const groups = date.match(/\d+/g) ?? []
  const year = stored.slice(0, 4)
  if (groups.length === 1 && groups[0] === year) return year
  if (groups.length === 2 && groups.includes(year)) return stored.slice(0, 7)
  return isoWithTime
}

/** `15-Jan-24` with its year in full, where it is certain which number that is. */
function fullYear(shown: string, stored: string): string {
  const [year, , day] = stored.split(/[-T]/)
  if (year === undefined || year.length !== 4 || shown.includes(year)) return shown
  const short = year.slice(2)
  const places = [...shown.matchAll(/\d+/g)].filter(([digits]) => digits === short)
  const last = places.at(-1)
  if (!last || (places.length === 1 && day === short)) return shown
  return `${shown.slice(0, last.index)}${year}${shown.slice(last.index + 2)}`
}
