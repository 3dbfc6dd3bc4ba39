import { Source } from './source.ts'
import { Walk } from './walk.ts'

const defaultMaxChars = 20_000_000
/** Markdown shorter than this may be all that a page shows before its scripts run. */
const hardlyAnything = 200

/** HTML to Markdown. For every format with HTML inside. Throws FormatError `output_too_large`. */
export function htmlToMarkdown(page: string | Source, maxChars: number = defaultMaxChars): string {
  const source = typeof page === 'string' ? new Source(page) : page
  const markdown = new Walk(source, maxChars, false).run()
  if (markdown.length >= hardlyAnything) return markdown
  const whole = new Walk(source, maxChars, true).run()
  return whole.length > markdown.length ? whole : markdown
}
