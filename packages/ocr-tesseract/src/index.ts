import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import type { RecognitionEngine } from '@cx/core/engine'
import { dataFileOf } from './languages.ts'

const { version } = JSON.parse(
  readFileSync(createRequire(import.meta.url).resolve('tesseract.js-core/package.json'), 'utf8'),
) as { readonly version: string }

/** Tesseract as WASM. Nothing of it is loaded before `open`. */
const tesseract: RecognitionEngine = {
  id: `tesseract@${version}`,
  check: (languages) => {
    if (languages.length === 0) throw new Error('Tesseract needs a language at least, such as "eng".')
    for (const language of languages) dataFileOf(language)
  },
  open: async (options) => (await import('./recognizer.ts')).openRecognizer(options),
}
export default tesseract
