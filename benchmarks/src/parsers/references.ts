import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { basename, extname, join } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)
const timeout = 60_000
/** LibreOffice starts once for so many. */
const atOnce = 8

const pandocFormats: Readonly<Record<string, string>> = {
  docx: 'docx',
  odt: 'odt',
  epub: 'epub',
  html: 'html',
  ipynb: 'ipynb',
  md: 'gfm',
}
const slides: ReadonlySet<string> = new Set(['pptx', 'ppt', 'odp'])
const prose: ReadonlySet<string> = new Set(['doc', 'rtf'])
const sheets: ReadonlySet<string> = new Set(['xlsx', 'xls', 'xlsb', 'ods'])

/** Who the reference of a format is. */
export function referee(format: string): string | undefined {
  if (format === 'pdf') return 'poppler'
  if (pandocFormats[format] !== undefined) return 'pandoc'
  if (slides.has(format)) return 'LibreOffice + poppler'
  return sheets.has(format) || prose.has(format) ? 'LibreOffice' : undefined
}

async function has(command: string, flag = '--version'): Promise<boolean> {
  return run(command, [flag], { timeout }).then(
    () => true,
    () => false,
  )
}

/**
 * The texts of a format's files by poppler, pandoc or LibreOffice, where the one that is asked is installed. What is in
 * `folder` from an earlier run is taken as it is: LibreOffice takes seconds a file.
 */
export async function references(
  format: string,
  files: readonly string[],
  folder: string,
): Promise<ReadonlyMap<string, string>> {
  const into = join(folder, format)
  const index = join(into, 'index.json')
  if (existsSync(index)) return new Map(Object.entries(JSON.parse(await readFile(index, 'utf8'))))
  await mkdir(into, { recursive: true })
  const texts = await make(format, files, into)
  await writeFile(index, JSON.stringify(Object.fromEntries(texts)))
  return texts
}

async function make(format: string, files: readonly string[], into: string): Promise<ReadonlyMap<string, string>> {
  const texts = new Map<string, string>()
  const each = async (command: string, args: (file: string, text: string) => readonly string[]): Promise<void> => {
    for (const file of files) {
      const text = join(into, `${basename(file)}.txt`)
      await run(command, args(file, text), { timeout }).catch(() => {})
      if (existsSync(text)) texts.set(file, text)
    }
  }
  const reader = pandocFormats[format]
  if (format === 'pdf') {
    if (await has('pdftotext', '-v')) await each('pdftotext', (file, text) => ['-q', file, text])
  } else if (reader !== undefined) {
    if (await has('pandoc'))
      await each('pandoc', (file, text) => ['-f', reader, '-t', 'plain', '--wrap=none', '-o', text, file])
  } else if (referee(format) !== undefined && (await has('soffice'))) await byOffice(format, files, into, texts)
  return texts
}

/** LibreOffice: every sheet as CSV with its cells as they are shown, slides through PDF, prose as text. */
async function byOffice(
  format: string,
  files: readonly string[],
  into: string,
  texts: Map<string, string>,
): Promise<void> {
  const target = slides.has(format)
    ? 'pdf'
    : sheets.has(format)
      ? 'csv:Text - txt - csv (StarCalc):44,34,76,1,,0,false,true,true,false,false,-1'
      : 'txt:Text (encoded):UTF8'
  const profile = `-env:UserInstallation=file://${join(into, 'profile')}`
  const convert = (some: readonly string[]): Promise<unknown> =>
    run('soffice', [profile, '--headless', '--convert-to', target, '--outdir', into, ...some], {
      timeout: timeout * 2,
      killSignal: 'SIGKILL',
    }).catch(() => {})
  const take = async (file: string): Promise<boolean> => {
    const name = basename(file, extname(file))
    const stem = join(into, name)
    const text = `${stem}.reference.txt`
    if (slides.has(format)) {
      if (existsSync(`${stem}.pdf`)) await run('pdftotext', ['-q', `${stem}.pdf`, text], { timeout }).catch(() => {})
    } else {
      const made = (await readdir(into)).filter((each) => each.startsWith(name) && /\.(csv|txt)$/.test(each)).sort()
      const parts = await Promise.all(made.map(async (each) => await readFile(join(into, each), 'utf8')))
      if (parts.length > 0) await writeFile(text, parts.join('\n'))
    }
    if (existsSync(text)) texts.set(file, text)
    return existsSync(text)
  }
  for (let at = 0; at < files.length; at += atOnce) {
    const some = files.slice(at, at + atOnce)
    await convert(some)
    // One on which it crashes or hangs takes those after it along.
    for (const file of some) {
      if (await take(file)) continue
      await convert([file])
      await take(file)
    }
  }
}
