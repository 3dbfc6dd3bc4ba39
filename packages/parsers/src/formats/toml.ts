import { configText } from '../config-text.ts'
import type { Format } from '../format.ts'

export const toml: Format = {
  name: 'toml',
  mimeTypes: ['application/toml', 'text/toml'],
  extensions: ['toml'],
  parse: (input) => configText(input, 'toml', '='),
}
