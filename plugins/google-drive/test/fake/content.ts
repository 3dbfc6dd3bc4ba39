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
  let left = item.bytes
  const piece = new Uint8Array(1024 * 1024).fill(97)
  return new Response(
    new ReadableStream<Uint8Array>({
      pull(controller) {
        if (left <= 0) return controller.close()
        controller.enqueue(piece.subarray(0, Math.min(left, piece.length)))
        left -= piece.length
      },
    }),
  )
}
