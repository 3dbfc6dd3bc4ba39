import fc from 'fast-check'

// Bodies as bytes: what JSON.stringify would never write.

export interface Body {
  readonly bytes: Uint8Array
  readonly contentType: string | undefined
}

const contentType = fc.oneof(
  { weight: 30, arbitrary: fc.constant<string | undefined>('application/json') },
  {
    weight: 4,
    arbitrary: fc.constantFrom<string | undefined>(
      'application/json; charset=utf-16',
      'application/problem+json',
      'APPLICATION/JSON',
      'text/plain',
      'application/x-www-form-urlencoded',
      'multipart/form-data',
      'multipart/form-data; boundary=',
      '/',
      ';',
      undefined,
    ),
  },
)

/** Changes to a JSON text; most leave it as it is. */
const spoil: fc.Arbitrary<(text: string) => string> = fc.oneof(
  { weight: 30, arbitrary: fc.constant((text: string) => text) },
  {
    weight: 8,
    arbitrary: fc.oneof(
      fc.nat().map((at) => (text: string) => text.slice(0, at % (text.length + 1))),
      fc.constantFrom('null', '7', '"twice"', '[]', '{}').map((value) => (text: string) => repeatKey(text, value)),
      fc.tuple(fc.constantFrom('[', '{"a":', '[{"a":'), fc.constantFrom(10, 70, 1000, 30_000)).map(
        ([open, depth]) =>
          (text: string) =>
            insert(text, `"deep":${open.repeat(depth)}1${close(open).repeat(depth)}`),
      ),
      fc
        .constantFrom(
          '"__proto__":{"polluted":true}',
          '"constructor":{"prototype":{"polluted":true}}',
          '"\\u005f_proto__":{"polluted":true}',
          '"":1',
        )
        .map((member) => (text: string) => insert(text, member)),
      fc
        .constantFrom('1e999', '-1e999', '1e-999', '9'.repeat(400), '-0', '0.1e1', '01', 'NaN', 'Infinity', '0x1')
        .map((number) => (text: string) => text.replace(/(?<=[:[,])(-?\d[\d.e+]*|true|false|null)/, number)),
      fc
        .constantFrom('\ufeff', '//x\n', ' '.repeat(5000), '\u0000', "'")
        .map((prefix) => (text: string) => prefix + text),
      fc.constantFrom(',', '}', '\u0000', '{}', '\n\n').map((suffix) => (text: string) => text + suffix),
      fc.constant((text: string) => text.replace(/"([a-z_]+)":/, '$1:')),
      fc.constant((text: string) => insert(text, `"padding":"${'x'.repeat(1_048_600)}"`)),
    ),
  },
)

const bytesOf = fc.oneof(
  { weight: 30, arbitrary: fc.constant((text: string): Uint8Array => Buffer.from(text)) },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      (text: string): Uint8Array => Buffer.from(text, 'utf16le'),
      (text: string): Uint8Array => Buffer.concat([Buffer.from(text), Buffer.from([0xff, 0xfe, 0xc0])]),
      (text: string): Uint8Array => Buffer.from(text.replace(':"', ':"\u00ff'), 'latin1'),
      (): Uint8Array => Buffer.alloc(0),
    ),
  },
)

export function jsonBody(value: fc.Arbitrary<unknown>): fc.Arbitrary<Body> {
  return fc.tuple(value, spoil, bytesOf, contentType).map(([value, spoil, bytesOf, contentType]) => ({
    bytes: bytesOf(spoil(JSON.stringify(value) ?? '')),
    contentType,
  }))
}

function insert(text: string, member: string): string {
  return text.startsWith('{') ? `{${member}${text === '{}' ? '' : ','}${text.slice(1)}` : text
}

function repeatKey(text: string, value: string): string {
  const key = /^\{("[^"]*"):/.exec(text)?.[1]
  return key ? `${text.slice(0, -1)},${key}:${value}}` : text
}

function close(open: string): string {
  return [...open]
    .reverse()
    .map((one) => ({ '[': ']', '{': '}' })[one] ?? '')
    .join('')
}

const fileName = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom('a.md', 'sub/b.txt', 'ü.md') },
  {
    weight: 6,
    arbitrary: fc.constantFrom(
      '',
      '.',
      '..',
      '../out.txt',
      'sub/../../out.txt',
      '..\\out.txt',
      '/out.txt',
      'C:\\out.txt',
      'a\u0000b',
      'seed',
      'sub/',
      '//',
      `${'n'.repeat(300)}.txt`,
      `${'d/'.repeat(3000)}x`,
      '%2e%2e/out.txt',
      '\ud83d',
      'con',
      ' ',
    ),
  },
  { weight: 2, arbitrary: fc.string({ unit: 'grapheme-ascii', maxLength: 12 }) },
)

const part = fc.record({
  field: fc.oneof(
    { weight: 10, arbitrary: fc.constantFrom('files', 'files', 'path') },
    { weight: 1, arbitrary: fc.constantFrom('file', '', '__proto__', 'x'.repeat(5000)) },
  ),
  name: fileName,
  content: fc.constantFrom('', 'words', 'x'.repeat(70_000), '--cx', '\r\n--', '%PDF-1.7 nonsense'),
})

/** Multipart forms, well made and not. */
export const formBody: fc.Arbitrary<Body> = fc
  .tuple(
    fc.array(part, { maxLength: 3 }),
    fc.constantFrom('ok', 'ok', 'ok', 'ok', 'unfinished', 'boundary', 'type', 'headers', 'noise'),
    fc.nat(),
  )
  .map(([parts, fault, at]) => {
    const text = parts
      .map(({ field, name, content }) => {
        const file = field === 'path' ? '' : `; filename="${name.replaceAll('"', '%22')}"\r\nContent-Type: text/plain`
        const head = `Content-Disposition: form-data; name="${field}"${file}`
        return `--cx\r\n${fault === 'headers' ? `${'X-A: b\r\n'.repeat(3000)}${head}` : head}\r\n\r\n${field === 'path' ? name : content}\r\n`
      })
      .join('')
    const whole = `${text}--cx--\r\n`
    return {
      bytes: Buffer.from(
        fault === 'unfinished' ? whole.slice(0, at % (whole.length + 1)) : fault === 'noise' ? `\u0000${whole}` : whole,
      ),
      contentType:
        fault === 'boundary'
          ? 'multipart/form-data'
          : fault === 'type'
            ? 'text/plain'
            : 'multipart/form-data; boundary=cx',
    }
  })
