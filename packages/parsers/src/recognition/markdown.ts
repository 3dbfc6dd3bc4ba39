/** Recognised lines as Markdown: words that a line break cut are whole again, and nothing opens a heading or a fence. */
export function recognizedMarkdown(text: string): string {
  return text
    .replace(/(\p{L})[-\u2010\u00AD]\n(\p{Ll})/gu, '$1$2')
    .split('\n')
    .map((line) => escapeStart(line.trim()))
    .join('\n')
    .trim()
}

function escapeStart(line: string): string {
  return line.startsWith('#') || line.startsWith('```') || line.startsWith('~~~') ? `\\${line}` : line
}
