import PDFDocument from 'pdfkit'

export type Drawing = InstanceType<typeof PDFDocument>

/** A PDF drawn by pdfkit on pages of 612 by 792 points, `y` from the top. */
export function drawPdf(draw: (pdf: Drawing) => void): Promise<Uint8Array> {
  const pdf = new PDFDocument({ size: 'LETTER', margin: 0, compress: false })
  const parts: Buffer[] = []
  return new Promise((resolve, reject) => {
    pdf.on('data', (part: Buffer) => void parts.push(part))
    pdf.on('end', () => resolve(new Uint8Array(Buffer.concat(parts))))
    pdf.on('error', reject)
    draw(pdf)
    pdf.end()
  })
}

export const prose = 'Helvetica'
export const strong = 'Helvetica-Bold'
export const typed = 'Courier'

/** One line, never broken. */
export function line(pdf: Drawing, text: string, x: number, y: number, font: string = prose, size = 10): void {
  pdf.font(font).fontSize(size).text(text, x, y, { lineBreak: false })
}

/** Lines below each other. */
export function lines(pdf: Drawing, texts: readonly string[], x: number, y: number, step = 12, font?: string): void {
  texts.forEach((text, index) => void line(pdf, text, x, y + index * step, font))
}

/** Rows of cells, written row by row. */
export function rows(pdf: Drawing, cells: readonly (readonly string[])[], columns: readonly number[], y: number): void {
  cells.forEach((row, at) => {
    row.forEach((text, index) => {
      if (text !== '') line(pdf, text, columns[index]!, y + at * 16)
    })
  })
}
