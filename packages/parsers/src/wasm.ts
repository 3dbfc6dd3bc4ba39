const memorySection = 5
const pageBytes = 65_536

/**
 * The same module with its declared maximum memory lowered to `maxBytes`, so that a hostile document ends in an
 * error that can be caught and not in a process of several gigabytes. A module without a maximum gets one.
 */
export function capWasmMemory(wasm: Uint8Array, maxBytes: number): Uint8Array<ArrayBuffer> {
  let position = 8
  while (position < wasm.length) {
    const id = wasm[position]!
    const [size, body] = readLeb(wasm, position + 1)
    if (id === memorySection) {
      const [, flagsAt] = readLeb(wasm, body)
      const [initial] = readLeb(wasm, flagsAt + 1)
      const section = [1, 1, ...leb(initial), ...leb(Math.max(initial, Math.floor(maxBytes / pageBytes)))]
      return concat(
        wasm.subarray(0, position),
        [memorySection, ...leb(section.length), ...section],
        wasm.subarray(body + size),
      )
    }
    position = body + size
  }
  return new Uint8Array(wasm)
}

function readLeb(bytes: Uint8Array, start: number): [value: number, next: number] {
  let value = 0
  let position = start
  for (let scale = 1; ; scale *= 128) {
    const byte = bytes[position++]!
    value += (byte & 127) * scale
    if (byte < 128) return [value, position]
  }
}

function leb(value: number): number[] {
  const bytes: number[] = []
  let rest = value
  do {
    bytes.push((rest % 128) + (rest >= 128 ? 128 : 0))
    rest = Math.floor(rest / 128)
  } while (rest > 0)
  return bytes
}

function concat(head: Uint8Array, middle: readonly number[], tail: Uint8Array): Uint8Array<ArrayBuffer> {
  const out = new Uint8Array(head.length + middle.length + tail.length)
  out.set(head)
  out.set(middle, head.length)
  out.set(tail, head.length + middle.length)
  return out
}
