import type { Format } from '../format.ts'
import { decodeText } from '../text.ts'

export const text: Format = {
  name: 'text',
  mimeTypes: ['text/plain'],
  extensions: ['txt', 'text', 'log'],
  async parse({ bytes }) {
    return { markdown: await decodeText(bytes) }
  },
}
