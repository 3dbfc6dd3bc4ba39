/** A record of a PowerPoint stream ([MS-PPT] 2.3.1). */
export interface PptRecord {
  readonly type: number
  readonly instance: number
  readonly container: boolean
  readonly start: number
  readonly end: number
}

export const pptType = {
  slide: 0x03ee,
  slideAtom: 0x03ef,
  showInfo: 0x03f9,
  notes: 0x03f0,
  notesAtom: 0x03f1,
  persist: 0x03f3,
  textHeader: 0x0f9f,
  chars: 0x0fa0,
  bytes: 0x0fa8,
  styles: 0x0fa1,
  moreStyles: 0x0fac,
  languages: 0x0faa,
  environment: 0x03f2,
  fonts: 0x07d5,
  font: 0x0fb7,
  outlineRef: 0x0f9e,
  listWithText: 0x0ff0,
  userEdit: 0x0ff5,
  persistDirectory: 0x1772,
  cString: 0x0fba,
  objects: 0x0409,
  link: 0x0fd7,
  linkAtom: 0x0fd3,
  action: 0x0ff2,
  actionRange: 0x0fdf,
  slideNumberMark: 0x0fd8,
  dateMark: 0x0ff7,
  marginMark: 0x0ffa,
  group: 0xf003,
  shape: 0xf004,
  textBox: 0xf00d,
  childAnchor: 0xf00f,
  anchor: 0xf010,
  documentAtom: 0x03e9,
  properties: 0xf00b,
  moreProperties: 0xf122,
  programTags: 0x1388,
  programTag: 0x138a,
  programData: 0x138b,
  comment: 0x2ee0,
  placeholder: 0x0bc3,
  clientData: 0xf011,
  mainMaster: 0x03f8,
  margins: 0x0fd9,
  marginsAtom: 0x0fda,
} as const

/** The records between two offsets, one level; stops where a length leads outside. */
export function* records(view: DataView, start: number, end: number): Generator<PptRecord> {
  for (let at = start; at + 8 <= end; ) {
    const head = view.getUint16(at, true)
    const length = view.getUint32(at + 4, true)
    const last = at + 8 + length
    if (last > end) return
    yield {
      type: view.getUint16(at + 2, true),
      instance: head >> 4,
      container: (head & 15) === 15,
      start: at + 8,
      end: last,
    }
    at = last
  }
}

/** UTF-16 between two offsets. */
export function wideText(view: DataView, { start, end }: PptRecord): string {
  return utf16.decode(new Uint8Array(view.buffer, view.byteOffset + start, end - start))
}

const utf16 = new TextDecoder('utf-16le')
