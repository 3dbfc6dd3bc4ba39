export interface PdfLine {
  readonly text: string
  readonly size: number
  readonly y: number
}

/** A small PDF with one content stream a page and, on demand, a document information dictionary. */
export function makePdf(pages: readonly (readonly PdfLine[])[], info = ''): Uint8Array<ArrayBuffer> {
  const contents = pages.map((lines) =>
    lines.map(({ text, size, y }) => `BT /F1 ${size} Tf 72 ${y} Td (${escapeText(text)}) Tj ET`).join('\n'),
  )
  return makePdfOf(contents, info)
}

/** The same from content streams as they are. */
export function makePdfOf(contents: readonly string[], info = ''): Uint8Array<ArrayBuffer> {
  const kids = contents.map((_, index) => `${5 + index * 2} 0 R`).join(' ')
  const objects = [
    '<< /Type /Catalog /Pages 2 0 R /Lang (en-GB) >>',
    `<< /Type /Pages /Kids [${kids}] /Count ${contents.length} >>`,
    '<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>',
    `<< ${info} >>`,
    ...contents.flatMap((content, index) => [
      `<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Resources << /Font << /F1 3 0 R >> >> /Contents ${6 + index * 2} 0 R >>`,
      `<< /Length ${content.length} >>\nstream\n${content}\nendstream`,
    ]),
  ]
  return pdfOf(objects, '/Info 4 0 R')
}

/** A PDF of numbered objects, the catalog first; as `latin1`. */
export function pdfOf(objects: readonly string[], trailerEntries = ''): Uint8Array<ArrayBuffer> {
  let file = '%PDF-1.7\n'
  const offsets = objects.map((body, index) => {
    const offset = file.length
    file += `${index + 1} 0 obj\n${body}\nendobj\n`
    return offset
  })
  const table = offsets.map((offset) => `${String(offset).padStart(10, '0')} 00000 n \n`).join('')
  const size = objects.length + 1
  const trailer = `trailer\n<< /Size ${size} /Root 1 0 R ${trailerEntries} >>\nstartxref\n${file.length}\n%%EOF\n`
  return new Uint8Array(Buffer.from(`${file}xref\n0 ${size}\n0000000000 65535 f \n${table}${trailer}`, 'latin1'))
}

function escapeText(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll('(', '\\(').replaceAll(')', '\\)')
}

/** A page whose letters `a` to `z` are those from `first` on, in two words set from the right to the left. */
export function makeMappedPdf(first: number): Uint8Array<ArrayBuffer> {
  const hex = (value: number, digits: number): string => value.toString(16).padStart(digits, '0')
  const map = `/CIDInit /ProcSet findresource begin begincmap 1 begincodespacerange <00> <ff> endcodespacerange
1 beginbfrange <61> <7a> <${hex(first, 4)}> endbfrange endcmap end`
  const content = 'BT /F1 12 Tf 72 700 Td (hgfe dcba) Tj ET'
  const font = '/Type /Font /Subtype /Type1 /BaseFont /Courier /Encoding /WinAnsiEncoding'
  const [head = '', tail = ''] = Buffer.from(makePdfOf([content]))
    .toString('latin1')
    .split('/Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding')
  // The table of offsets no longer fits, and is put right by every reader.
  const added = `${font} /ToUnicode 90 0 R${tail.replace('xref', `90 0 obj\n<< /Length ${map.length} >>\nstream\n${map}\nendstream\nendobj\nxref`)}`
  return new Uint8Array(Buffer.from(head + added, 'latin1'))
}
