const errors: ReadonlyMap<number, string> = new Map([
  [0x00, '#NULL!'],
  [0x07, '#DIV/0!'],
  [0x0f, '#VALUE!'],
  [0x17, '#REF!'],
  [0x1d, '#NAME?'],
  [0x24, '#NUM!'],
  [0x2a, '#N/A'],
])

const double = new DataView(new ArrayBuffer(8))

/** A number packed into four bytes ([MS-XLS] 2.5.122): 30 bits of an integer or of a double, perhaps a hundredth. */
export function rkValue(raw: number): number {
  let value = raw >> 2
  if ((raw & 2) === 0) {
    double.setInt32(4, raw & ~3, true)
    value = double.getFloat64(0, true)
  }
  return (raw & 1) === 1 ? value / 100 : value
}

/** A cell that is no number and no text. */
export function boolOrError(isError: boolean, value: number): string {
  if (isError) return errors.get(value) ?? ''
  return value === 1 ? 'TRUE' : 'FALSE'
}
