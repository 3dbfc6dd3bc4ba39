const namespace = 'urn:schemas-microsoft-com:office:spreadsheet'
const headBytes = 4096

/** Whether a file begins as an XML Spreadsheet of Excel 2002 and 2003, which is often called XLS. */
export function isXmlSpreadsheet(bytes: Uint8Array): boolean {
  const first = bytes[0] ?? 0
  // A tag, or space or a mark of the encoding before it.
  if (first !== 0x3c && first > 0x20 && first < 0xef) return false
  const head = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.length, headBytes)).toString('latin1')
  const plain = head.includes('\0') ? head.replaceAll('\0', '') : head
  return plain.includes(namespace) && /<(\w{1,20}:)?Workbook\s/.test(plain)
}
