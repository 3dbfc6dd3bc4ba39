/** `[image3]: <data:image/png;base64,…>`, which Google appends for each image of a document. */
const definition = /^ {0,3}\[image\d+\]:\s*<?data:/
const reference = /!\[([^\]]*)\]\[image\d+\]/g
const inline = /!\[([^\]]*)\]\(<?data:[^)]*\)/g
/** A longer line is passed on in pieces. */
const longestLine = 1024 * 1024

/** Markdown without the images that stand in it as base64; their alternative text stays. */
export function withoutImages(body: ReadableStream<Uint8Array>): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder()
  let tail = ''
  let dropping = false
  const lines = new TransformStream<string, Uint8Array>({
    transform(chunk, controller) {
      let text = chunk
      if (dropping) {
        const end = text.indexOf('\n')
        if (end < 0) return
        text = text.slice(end + 1)
        dropping = false
      }
      text = tail + text
      const end = text.lastIndexOf('\n') + 1
      const whole = clean(text.slice(0, end))
      if (whole !== '') controller.enqueue(encoder.encode(whole))
      tail = text.slice(end)
      if (definition.test(tail)) {
        dropping = true
        tail = ''
      } else if (tail.length > longestLine) {
        controller.enqueue(encoder.encode(clean(tail)))
        tail = ''
      }
    },
    flush(controller) {
      const rest = clean(tail)
      if (rest !== '') controller.enqueue(encoder.encode(rest))
    },
  })
  return body.pipeThrough(new TextDecoderStream() as unknown as TransformStream<Uint8Array, string>).pipeThrough(lines)
}

function clean(text: string): string {
  if (!text.includes('[image') && !text.includes('data:')) return text
  return text
    .split(/(?<=\n)/)
    .filter((line) => !definition.test(line))
    .join('')
    .replace(reference, '$1')
    .replace(inline, '$1')
}
