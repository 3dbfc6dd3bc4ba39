import type { ParseFailureCode } from '@cx/core/engine'
import { isAppleDouble, isLeftover } from '../archive-members.ts'
import { type Format, FormatError, type FormatInput, type FormatOutput } from '../format.ts'
import { openZip } from '../zip.ts'

/** ZIP archives: each member a document. */
export const zip: Format = {
  name: 'zip',
  mimeTypes: ['application/zip', 'application/x-zip-compressed'],
  extensions: ['zip'],
  parse,
}

function parse({ bytes, limits }: FormatInput): FormatOutput {
  const archive = openZip(bytes, limits)
  const members = archive.entries.filter(({ directory, path }) => !directory && path !== '' && !isLeftover(path))
  if (members.length > 0 && members.every(({ encrypted }) => encrypted)) {
    throw new FormatError('encrypted', 'All members of the archive are protected with a password')
  }
  const unread: string[] = []
  let code: ParseFailureCode | undefined
  let left = 0
  const children = members.flatMap((entry) => {
    try {
      const content = archive.read(entry)
      if (!isAppleDouble(entry.path, content)) return [{ path: entry.path, bytes: content }]
      left++
    } catch (error) {
      // One member that is damaged or locked does not cost the others; a bomb costs all.
      if (!(error instanceof FormatError) || error.code === 'too_large') throw error
      unread.push(`${entry.path}: ${error.message}`)
      code ??= error.code
    }
    return []
  })
  if (children.length === 0 && code !== undefined) throw new FormatError(code, `No member can be read. ${unread[0]}`)
  return {
    markdown: '',
    children,
    metadata: { members: members.length - left, ...(unread.length > 0 ? { unread: unread.slice(0, 100) } : {}) },
  }
}
