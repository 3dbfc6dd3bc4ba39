import type { RecognitionEngine } from '@cx/core/engine'

/** What a recogniser may do wrong, by the width of the picture; loaded by the pool's own thread for recognition. */
export const widths = {
  loops: 101,
  exits: 102,
  fillsBuffers: 103,
  throws: 104,
  throwsBeside: 105,
  doubts: 106,
} as const

const broken: RecognitionEngine = {
  id: 'broken@1',
  check: () => {},
  open: async ({ languages }) => ({
    recognize: async ({ bytes }) => {
      const width = new DataView(bytes.buffer, bytes.byteOffset).getUint32(16)
      if (width === widths.loops) for (;;);
      if (width === widths.exits) process.exit(3)
      if (width === widths.fillsBuffers) {
        const kept: Uint8Array[] = []
        for (;;) kept.push(new Uint8Array(16 * 1024 * 1024).fill(kept.length))
      }
      if (width === widths.throws) throw new Error('not this one')
      if (width === widths.throwsBeside) {
        setImmediate(() => {
          throw new Error('in a callback')
        })
        return await new Promise(() => {})
      }
      const confidence = width === widths.doubts ? 39 : 90
      return { text: `# words in ${languages.join(' and ')} of a pic-\nture ${width} wide\n`, confidence }
    },
  }),
}
export default broken
