import { type Command, InvalidArgumentError, Option } from 'commander'
import wrapAnsi from 'wrap-ansi'
import { connect } from './client.ts'
import { paint, printJson, printLine, thousands } from './print.ts'

interface Result {
  readonly title: string
  readonly path: string
  readonly url: string | null
  readonly snippet: string
}

export function addSearchCommand(program: Command): void {
  program
    .command('search')
    .description('search what is indexed')
    .argument('<words...>', 'words that must all occur; "phrases" in quotes')
    .option('--collection <name...>', 'only in these collections')
    .addOption(new Option('--mode <mode>', 'by words, by meaning, or both').choices(['keyword', 'semantic', 'hybrid']))
    .option('--limit <number>', 'results to show', count, 10)
    .option('--as <principal>', 'only what this person may read: an e-mail or a source id')
    .action(
      async (
        words: readonly string[],
        { collection, limit, as, mode }: { collection?: readonly string[]; limit: number; as?: string; mode?: string },
      ) => {
        const client = await connect(program.opts())
        const { data, meta } = await client.call<{ results: readonly Result[]; total: number }>('POST', '/search', {
          query: words.join(' '),
          limit,
          ...(mode && { mode }),
          ...(collection && { collections: collection }),
          ...(as && { principal: as }),
        })
        if (program.opts().json) return printJson(data)
        for (const { title, path, url, snippet } of data.results) {
          printLine(`${paint('bold', title || path)}  ${paint('dim', url ?? path)}`)
          printLine(`${wrapped(readable(snippet))}\n`)
        }
        for (const note of (meta.notes ?? []) as readonly string[]) printLine(paint('yellow', note))
        printLine(
          paint(
            'dim',
            `${meta.totalIsExact === false ? 'more than ' : ''}${thousands(data.total)} found in ${String(meta.tookMs)} ms`,
          ),
        )
      },
    )
}

/** Snippets are Markdown in HTML: its signs for headings, tables and code say nothing on one line, marks become bold, entities characters. */
function readable(snippet: string): string {
  return snippet
    .replaceAll(/```\w*|\*\*|`|(?<=^|\s)#{1,6}(?=\s)|\|(?:\s*:?-{3,}:?\s*\|)*/g, ' ')
    .replaceAll(/\s+/g, ' ')
    .trim()
    .replaceAll(/<mark>(.*?)<\/mark>/g, (_, match: string) => paint(['bold', 'yellow'], match))
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&quot;', '"')
    .replaceAll('&#39;', "'")
    .replaceAll('&amp;', '&')
}

/** Between words, indented; in a pipe a line stays a line. */
function wrapped(text: string): string {
  const { columns } = process.stdout
  const lines = columns === undefined ? [text] : wrapAnsi(text, columns - 2).split('\n')
  return lines.map((line) => `  ${line}`).join('\n')
}

function count(value: string): number {
  if (/^\d+$/.test(value) && Number(value) >= 1 && Number(value) <= 100) return Number(value)
  throw new InvalidArgumentError('It takes a number from 1 to 100.')
}
