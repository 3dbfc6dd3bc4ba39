import { folderType, shortcutType } from './item.ts'

/** How a Google document becomes bytes. */
export interface ExportFormat {
  /** What a path ends in. */
  readonly extension: string
  /** In the order in which they are tried; the first is what a document should become. */
  readonly types: readonly string[]
}

const google = 'application/vnd.google-apps.'
const office = 'application/vnd.openxmlformats-officedocument.'
export const markdown = 'text/markdown'

/** https://developers.google.com/workspace/drive/api/guides/ref-export-formats */
const formats: Readonly<Record<string, ExportFormat>> = {
  [`${google}document`]: { extension: '.md', types: [markdown, 'text/plain', `${office}wordprocessingml.document`] },
  // CSV would be the first sheet only.
  [`${google}spreadsheet`]: { extension: '.xlsx', types: [`${office}spreadsheetml.sheet`] },
  [`${google}presentation`]: { extension: '.txt', types: ['text/plain', `${office}presentationml.presentation`] },
  // The only format of a drawing whose text is text.
  [`${google}drawing`]: { extension: '.pdf', types: ['application/pdf'] },
  [`${google}script`]: { extension: '.json', types: [`${google}script+json`] },
}

export function formatOf(mimeType: string | undefined): ExportFormat | undefined {
  return mimeType === undefined ? undefined : formats[mimeType]
}

/** Why there is nothing to read; undefined where there is. */
export function withoutContent(mimeType: string | undefined): string | undefined {
  if (mimeType === undefined || !mimeType.startsWith(google) || formats[mimeType]) return undefined
  if (mimeType === folderType || mimeType === shortcutType) return undefined
  return `Google does not export ${mimeType.slice(google.length)} files.`
}
