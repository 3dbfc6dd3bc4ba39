import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { basename, extname, join } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)
const timeout = 60_000
/** Files of a format that LibreOffice is asked for: it takes seconds each. */
const mostByOffice = 20

const pandocFormats: Readonly<Record<string, string>> = {
  docx: 'docx',
  odt: 'odt',
  epub: 'epub',
  html: 'html',
  rtf: 'rtf',
  ipynb: 'ipynb',
}
const officeFormats = new Set(['pptx', 'ppt', 'odp', 'doc', 'xlsx', 'xls', 'ods'])

async function has(command: string, flag = '--version'): Promise<boolean> {
  return run(command, [flag], { timeout }).then(
    () => true,
    () => false,
  )
}

/** The texts of a format's files by poppler, pandoc or LibreOffice, where the one that is asked is installed. */
export async function references(
  format: string,
  files: readonly string[],
  folder: string,
): Promise<ReadonlyMap<string, string>> {
  const into = join(folder, format)
  await mkdir(into, { recursive: true })
  const texts = new Map<string, string>()
  if (format === 'pdf' && (await has('pdftotext', '-v')))
    for (const file of files) {
      const text = join(into, `${basename(file)}.txt`)
      await run('pdftotext', ['-q', file, text], { timeout }).catch(() => {})
      if (existsSync(text)) texts.set(file, text)
    }
  const reader = pandocFormats[format]
  if (reader !== undefined && (await has('pandoc')))
    for (const file of files) {
      const text = join(into, `${basename(file)}.txt`)
      await run('pandoc', ['-f', reader, '-t', 'plain', '--wrap=none', '-o', text, file], { timeout }).catch(() => {})
      if (existsSync(text)) texts.set(file, text)
    }
  if (officeFormats.has(format) && (await has('soffice')))
    await byOffice(format, files.slice(0, mostByOffice), into, texts)
  return texts
}

/** LibreOffice: sheets as CSV, slides through PDF, prose as text. */
async function byOffice(
  format: string,
  files: readonly string[],
  into: string,
  texts: Map<string, string>,
): Promise<void> {
  const slides = ['pptx', 'ppt', 'odp'].includes(format)
  const prose = format === 'doc'
  const target = slides ? 'pdf' : prose ? 'txt:Text (encoded):UTF8' : 'csv:Text - txt - csv (StarCalc):44,34,76,1'
  for (const file of files) {
    const profile = `-env:UserInstallation=file://${join(into, 'profile')}`
    await run('soffice', [profile, '--headless', '--convert-to', target, '--outdir', into, file], { timeout }).catch(
      () => {},
    )
    const stem = join(into, basename(file, extname(file)))
    const made = `${stem}.${slides ? 'pdf' : prose ? 'txt' : 'csv'}`
    if (!existsSync(made)) continue
    if (slides) await run('pdftotext', ['-q', made, `${stem}.txt`], { timeout }).catch(() => {})
    const text = slides ? `${stem}.txt` : made
    if (existsSync(text)) texts.set(file, text)
  }
}
