const maxChars = 300
/** Of HTML in Markdown: what else stands in angle brackets is a type's parameter. */
const tags = /<\/?(?:a|b|i|u|s|p|br|em|img|kbd|sub|sup|div|code|font|span|small|strong|center)(?:\s[^>]{0,300})?\/?>/gi

/** What a heading says: without its marks, links, pictures and emphasis. `start` is where its block begins. */
export function headingText(text: string, start: number, end: number): string {
  const newline = text.indexOf('\n', start)
  const line = text.slice(start, newline === -1 || newline > end ? end : newline).trim()
  let level = 0
  while (line.charCodeAt(level) === 35) level++
  const code = line.charCodeAt(level)
  // A line that is a heading by the line below it has no marks of its own.
  if (level > 6 || (level < line.length && code !== 32 && code !== 9)) level = 0
  let last = line.length
  if (level > 0) while (last > level && line.charCodeAt(last - 1) === 35) last--
  // `C#` keeps its sign: what closes a heading stands apart.
  if (last < line.length && last > level && line.charCodeAt(last - 1) > 32) last = line.length
  return plainHeading(line.slice(level, last).trim()).slice(0, maxChars)
}

/** A heading's own words; as it is where nothing else is left. */
export function plainHeading(heading: string): string {
  if (!/[[<*`{\\]/.test(heading)) return heading
  const plain = heading
    .slice(0, 1_000)
    .replace(/!\[[^\]]{0,200}\]\([^)]{0,500}\)/g, '')
    .replace(/\[([^\]]{0,300})\]\([^)]{0,500}\)/g, '$1')
    .replace(tags, '')
    .replace(/(?<!\\)(\*\*|[*`])(?=\S)|(?<=[^\s\\])(\*\*|[*`])/g, '')
    .replace(/\\([!-/:-@[-`{-~])/g, '$1')
    .replace(/\s+\{[#.][^}]{0,200}\}$/, '')
    .trim()
  return plain === '' ? heading : plain
}
