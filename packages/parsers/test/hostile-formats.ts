import type { Format, FormatOutput } from '../src/format.ts'

const decoder = new TextDecoder()

function define(name: string, parse: Format['parse']): Format {
  return { name, mimeTypes: [`test/${name}`], extensions: [name], parse }
}

/** Formats that do what a broken parser may do; loaded by the pool's threads through `formatModules`. */
export const formats: readonly Format[] = [
  define('loops', () => {
    for (;;);
  }),
  define('hangs', () => new Promise(() => {})),
  define('fills-heap', () => {
    const kept: unknown[] = []
    for (;;) kept.push(Array.from({ length: 1000 }, () => ({ kept: kept.length })))
  }),
  // One object that grows in great steps, which V8 answers in another way than many small ones.
  define('grows-array', () => {
    const kept: number[] = []
    for (;;) kept.push(-1)
  }),
  define('grows-doubles', () => {
    const kept: number[] = []
    for (;;) kept.push(kept.length * 1.5)
  }),
  define('grows-map', () => {
    const kept = new Map<number, number>()
    for (let n = 0; ; n++) kept.set(n, n)
  }),
  define('grows-string', () => {
    const kept: string[] = []
    for (let text = 'x'; ; text += text) kept.push(Buffer.from(text).toString('latin1'))
  }),
  define('fills-buffers', () => {
    const kept: Uint8Array[] = []
    for (;;) kept.push(new Uint8Array(16 * 1024 * 1024).fill(kept.length))
  }),
  define('exits', () => process.exit(3)),
  define('throws', () => {
    throw new Error('not for me')
  }),
  define('throws-undefined', () => Promise.reject(undefined)),
  define('throws-late', ({ bytes }): FormatOutput => {
    setTimeout(() => {
      throw new Error('late')
    }, 1)
    return { markdown: decoder.decode(bytes) }
  }),
  define('throws-beside', () => {
    setImmediate(() => {
      throw new Error('in a callback')
    })
    return new Promise(() => {})
  }),
  define('rejects-beside', ({ bytes }): FormatOutput => {
    void Promise.reject(new Error('nobody listens'))
    return { markdown: decoder.decode(bytes) }
  }),
  define('leaves-garbage', ({ bytes }): FormatOutput => {
    const large = new Uint8Array(150 * 1024 * 1024)
    return { markdown: `${decoder.decode(bytes)}${large[0] === 0 ? '' : '!'}` }
  }),
  define('takes-its-time', async ({ bytes }): Promise<FormatOutput> => {
    await new Promise((resolve) => setTimeout(resolve, 700))
    return { markdown: decoder.decode(bytes) }
  }),
  define('writes-forever', ({ limits }): FormatOutput => ({ markdown: 'x'.repeat(limits.maxOutputChars + 1) })),
  define('recurses', (): FormatOutput => {
    const dive = (depth: number): number => dive(depth + 1) + 1
    return { markdown: String(dive(0)) }
  }),
  define(
    'bears-itself',
    ({ bytes }): FormatOutput => ({
      markdown: '',
      children: Array.from({ length: 20 }, (_, index) => ({ path: `child-${index}.bears-itself`, bytes })),
    }),
  ),
]
