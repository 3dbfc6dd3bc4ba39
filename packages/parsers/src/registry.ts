import type { Format } from './format.ts'
import type { FormatName } from './kinds.ts'

/** Loads a format on first use: a thread that sees text only never holds the PDF reader. */
export const formats: Readonly<Partial<Record<FormatName, () => Promise<Format>>>> = {
  pdf: async () => (await import('./formats/pdf.ts')).pdf,
  docx: async () => (await import('./formats/docx.ts')).docx,
  pptx: async () => (await import('./formats/pptx.ts')).pptx,
  xlsx: async () => (await import('./formats/xlsx.ts')).xlsx,
  odt: async () => (await import('./formats/odt.ts')).odt,
  ods: async () => (await import('./formats/ods.ts')).ods,
  odp: async () => (await import('./formats/odp.ts')).odp,
  doc: async () => (await import('./formats/doc.ts')).doc,
  ppt: async () => (await import('./formats/ppt.ts')).ppt,
  xls: async () => (await import('./formats/xls.ts')).xls,
  xlsb: async () => (await import('./formats/xlsb.ts')).xlsb,
  html: async () => (await import('./formats/html.ts')).html,
  markdown: async () => (await import('./formats/markdown.ts')).markdown,
  csv: async () => (await import('./formats/csv.ts')).csv,
  ipynb: async () => (await import('./formats/ipynb.ts')).ipynb,
  json: async () => (await import('./formats/json.ts')).json,
  yaml: async () => (await import('./formats/yaml.ts')).yaml,
  toml: async () => (await import('./formats/toml.ts')).toml,
  xml: async () => (await import('./formats/xml.ts')).xml,
  rst: async () => (await import('./formats/rst.ts')).rst,
  code: async () => (await import('./formats/code.ts')).code,
  text: async () => (await import('./formats/text.ts')).text,
}
