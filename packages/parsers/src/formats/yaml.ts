import { configText } from '../config-text.ts'
import type { Format } from '../format.ts'

export const yaml: Format = {
  name: 'yaml',
  mimeTypes: ['application/yaml', 'text/yaml', 'application/x-yaml', 'text/x-yaml'],
  extensions: ['yaml', 'yml'],
  parse: (input) => configText(input, 'yaml', ':'),
}
