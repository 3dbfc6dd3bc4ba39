import { type Format, FormatError, type FormatInput, type FormatOutput } from '../format.ts'
import { openZip } from '../zip.ts'

/** ZIP archives: each member a document. */
export const zip: Format = {
  name: 'zip',
  mimeTypes: ['application/zip', 'application/x-zip-compressed'],
  extensions: ['zip'],
  parse,
}

const noise = /(^|\/)(__MACOSX\/|\.DS_Store$|Thumbs\.db$|desktop\.ini$)/

function parse({ bytes, limits }: FormatInput): FormatOutput {
  const archive = openZip(bytes, limits)
  const members = archive.entries.filter(({ directory, path }) => !directory && path !== '' && !noise.test(path))
  if (members.length > 0 && members.every(({ encrypted }) => encrypted)) {
    throw new FormatError('encrypted', 'All members of the archive are protected with a password')
  }
  const unread: string[] = []
  const children = members.flatMap((entry) => {
    try {
      return [{ path: entry.path, bytes: archive.read(entry) }]
    } catch (error) {
      // One member that is damaged or locked does not cost the others; a bomb costs all.
      if (!(error instanceof FormatError) || error.code === 'too_large') throw error
      unread.push(`${entry.path}: ${error.message}`)
      return []
    }
  })
  if (children.length === 0 && unread.length > 0)
    throw new FormatError('corrupt', `No member can be read. ${unread[0]}`)
  return {
    markdown: '',
    children,
    metadata: { members: members.length, ...(unread.length > 0 ? { unread: unread.slice(0, 100) } : {}) },
  }
}
