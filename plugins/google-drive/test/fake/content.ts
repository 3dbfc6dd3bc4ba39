import { failure } from './answers.ts'
import type { Item } from './model.ts'

export function markdown(item: Item): string {
  const images = Number(item.extra.description?.replace(/\D/g, '') || 0)
  return images === 0
    ? item.content
    : `![A chart][image1]\n\n${item.content}\n\n[image1]: <data:image/png;base64,${'A'.repeat(images)}>\n`
}

export function media(item: Item, request: Request): Response {
  if (item.mimeType.startsWith('application/vnd.google-apps.'))
    return failure(
      403,
      'fileNotDownloadable',
      'Only files with binary content can be downloaded. Use Export with Docs Editors files.',
      { location: 'alt' },
    )
  if (item.extra.capabilities?.canDownload === false)
    return failure(403, 'cannotDownloadFile', 'This file cannot be downloaded by the user.')
  if (request.headers.get('range') === 'bytes=0-0') return new Response(item.content.slice(0, 1), { status: 206 })
  if (item.bytes === undefined) return new Response(item.content)
  // Google redirects large downloads to other hosts, too.
  return Response.redirect(`${item.extra.webContentLink}/${item.bytes}`, 302)
}
