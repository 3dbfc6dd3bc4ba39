import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { defaultLimits } from '../format.ts'
import { isoDate } from '../office/properties.ts'
import { readAddresses } from './addresses.ts'
import { readDate, readHeader, readParameters } from './header.ts'
import { readMime } from './mime.ts'
import { decodeTransfer } from './transfer.ts'
import { decodeWords } from './words.ts'

const bytesOf = (text: string): Uint8Array => Buffer.from(text.replaceAll('\n', '\r\n'))
const read = (text: string | Uint8Array, maxParts = 1000) =>
  readMime(typeof text === 'string' ? bytesOf(text) : text, { ...defaultLimits, maxEntries: maxParts - 1 })
const textOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString()
const part = (type: string, body: string): string => `--b\nContent-Type: ${type}\n\n${body}\n`
const mixed = (...parts: readonly string[]): string =>
  `Content-Type: multipart/mixed; boundary=b\n\npreamble\n${parts.join('')}--b--\nepilogue\n`

describe('encoded words', () => {
  it.each([
    ['=?utf-8?q?Ann_=C3=84?= x', 'Ann Ä x'],
    ['=?UTF-8?B?R3LDvMOfZQ==?=', 'Grüße'],
    ['a =?iso-8859-1?q?=E4?= =?iso-8859-1?q?=F6?= b', 'a äö b'],
    // One letter in two words.
    ['=?utf-8?q?=C3?= =?utf-8?q?=84?=', 'Ä'],
    ['=?utf-8?q?=C3=84?= =?iso-8859-1?q?=E4?=', 'Ää'],
    ['=?ISO-2022-JP?B?GyRCJUYlOSVIGyhC?= =?ISO-2022-JP?B?GyRCJUYlOSVIGyhC?=', 'テストテスト'],
    ['=?us-ascii*en?q?Hi?=', 'Hi'],
    ['=?gb2312?B?xOO6ww==?=', '你好'],
    ['=?utf-8?q?a b?=', 'a b'],
    ['no =?word, =?utf-8?x?y?= here =?', 'no =?word, =?utf-8?x?y?= here =?'],
    ['=?nonsense?q?=C3=84?=', 'Ä'],
  ])('%s', (text, expected) => {
    expect(decodeWords(text)).toBe(expected)
  })
})

describe('parameters', () => {
  const of = (field: string): Record<string, string> => Object.fromEntries(readParameters(field).params)

  it.each<[string, Record<string, string>]>([
    ['text/plain; charset="utf-8"; format=flowed', { charset: 'utf-8', format: 'flowed' }],
    ['a/b; name="a \\"b\\"; c.txt"; x=1', { name: 'a "b"; c.txt', x: '1' }],
    ['a/b; name=This is a test.txt', { name: 'This is a test.txt' }],
    ["a/b; filename*=utf-8'de'%C3%9Cbung%201.txt", { filename: 'Übung 1.txt' }],
    ["a/b; filename*1*=%84b; filename*0*=utf-8''a%C3; filename*2=.txt", { filename: 'aÄb.txt' }],
    ['a/b; filename*0="long na"; filename*1="me.txt"', { filename: 'long name.txt' }],
    ['a/b; name="=?utf-8?q?=C3=84.txt?="', { name: 'Ä.txt' }],
    ['a/b; ; broken; x=1;', { x: '1' }],
    ['a/b; name="open', { name: 'open' }],
  ])('%s', (field, expected) => {
    expect(of(field)).toEqual(expected)
  })
})

describe('dates', () => {
  it.each([
    ['Tue, 02 Jan 2024 10:00:00 +0200', '2024-01-02T08:00:00.000Z'],
    ['Tue, 02 Jan 2024 10:00:00 +0200 (EET)', '2024-01-02T08:00:00.000Z'],
    ['Tue, 02 Jan 2024 10:00:00 CEST', '2024-01-02T10:00:00.000Z'],
    ['Tue, 2 January 2024 10.00 H0500', '2024-01-02T10:00:00.000Z'],
    ['2024-01-02T10:00:00Z', '2024-01-02T10:00:00.000Z'],
    ['Tue, 02 Jan 2024 10:00:00', '2024-01-02T10:00:00.000Z'],
    ['Tue Jan  2 10:00:00 2024', '2024-01-02T10:00:00.000Z'],
    ['2 Jan 24 10:00', '2024-01-02T10:00:00.000Z'],
    ['2024-01-02 10:00', '2024-01-02T10:00:00.000Z'],
    ['half past 10', undefined],
    ['<HR>', undefined],
  ])('%s', (field, expected) => {
    const date = readDate(field)
    expect(isoDate(date) ?? date).toBe(expected)
  })
})

describe('addresses', () => {
  it.each([
    ['"Joe Q. Public" <john@x.example>', ['Joe Q. Public <john@x.example>']],
    ['jdoe@x.example, Who? <one@y.test>', ['jdoe@x.example', 'Who? <one@y.test>']],
    ['<boss@nil.test>, "Giant; \\"Big\\" Box" <s@x.test>', ['boss@nil.test', 'Giant; "Big" Box <s@x.test>']],
    ['A Group:Ed <ed@x.test>,joe@y.test;, last@z.test', ['Ed <ed@x.test>', 'joe@y.test', 'last@z.test']],
    ['Undisclosed recipients:;', []],
    ['pete@silly.test (Pete (no))', ['Pete (no) <pete@silly.test>']],
    ['Mary <@machine.tld:mary@x.test>, , jdoe@y.test', ['Mary <mary@x.test>', 'jdoe@y.test']],
    ['=?utf-8?q?M=C3=BCller=2C_Jo?= <j@x.test>', ['Müller, Jo <j@x.test>']],
    ['Team', ['Team']],
    ['Jo <jo@mail.xn--mnchen-ost-9db.example>', ['Jo <jo@mail.münchen-ost.example>']],
    ['jo@xn--mnchen-ost-9db-.example', ['jo@xn--mnchen-ost-9db-.example']],
    ['"open <a@b', ['open <a@b']],
    ['a@b.test (open', ['open <a@b.test>']],
  ])('%s', (field, expected) => {
    expect(readAddresses(field)).toEqual(expected)
  })
})

describe('transfer encodings', () => {
  it.each([
    ['quoted-printable', 'a=20b=\r\nc =\r\n=C3=84=3d =zz=', 'a bc Ä= =zz'],
    ['base64', 'SGVs\r\nbG8=\r\n', 'Hello'],
    ['x-uuencode', '\r\nbegin 644 a.txt\r\n%2&5L;&\\\r\n`\r\nend\r\n', 'Hello'],
    ['8bit', 'as it is', 'as it is'],
    ['nonsense', 'as it is', 'as it is'],
  ])('%s', (encoding, text, expected) => {
    expect(textOf(decodeTransfer(Buffer.from(text), encoding))).toBe(expected)
  })
})

describe('a message', () => {
  it('has its header unfolded, the first of a name, in letters beyond ASCII of whatever kind', () => {
    const head = readHeader(
      Buffer.from('Subject: Gr\xfc\xdfe\r\n and\r\n\tmore\r\nTo : a@b\r\nSUBJECT: x\r\n\r\nbody', 'latin1'),
      0,
      60,
    )
    expect([...head.fields]).toEqual([
      ['subject', 'Grüße and more'],
      ['to', 'a@b'],
    ])
    expect(readHeader(bytesOf('From x Mon Jan 1\nbroken\nSubject: y\n\nbody'), 0, 60).fields.size).toBe(0)
    expect(readHeader(bytesOf('Subject: y\nbroken\nTo: z\n\nbody'), 0, 60).fields.size).toBe(2)
  })

  it('keeps text that no header stands above, or no empty line parts from it', () => {
    expect(read('only text\nof two lines').bodies).toEqual([{ text: 'only text\r\nof two lines' }])
    expect(read('Subject: a\nthe text\nof two lines').bodies).toEqual([{ text: 'the text\r\nof two lines' }])
    expect(read(mixed('--b\nthe text\n')).bodies).toEqual([{ text: 'the text' }])
  })

  it('is taken apart at whole boundary lines, the last of which may be missing', () => {
    const inner =
      'Content-Type: multipart/alternative; boundary="bb"\n\n--bb\n\none\n--bb\nContent-Type: text/html\n\n<p>one</p>\n'
    const { bodies, attachments } = read(
      `Content-Type: multipart/mixed; boundary=b\n\n--b\n${inner}--b  \nContent-Type: text/plain\n\ntwo --b\n--bx\n`,
    )
    expect(bodies).toEqual([{ text: 'one', html: '<p>one</p>' }, { text: 'two --b\r\n--bx' }])
    expect(attachments).toEqual([])
  })

  it('finds a boundary that is not told, and is text where there is none', () => {
    expect(read('Content-Type: multipart/mixed\n\n--xyz1\n\none\n--xyz1\n\ntwo\n--xyz1--\n').bodies).toEqual([
      { text: 'one' },
      { text: 'two' },
    ])
    expect(read('Content-Type: multipart/mixed; boundary=q\n\njust text\n').bodies).toEqual([{ text: 'just text' }])
  })

  it('gives attachments their names, and leaves out what a page shows and what says the same again', () => {
    const { bodies, attachments, calendars } = read(
      mixed(
        part('text/plain\nContent-Disposition: attachment; filename=a.txt\nContent-Transfer-Encoding: base64', 'YQ=='),
        part('message/rfc822', 'Subject: inner\n\ntext'),
        part('application/x; name="=?utf-8?q?=C3=84?="', 'x'),
        `--b\nContent-Type: multipart/related; boundary=r\n\n--r\nContent-Type: text/html\n\n<p>x</p>\n--r\nContent-Type: image/png\n\nx\n--r--\n`,
        `--b\nContent-Type: multipart/alternative; boundary=a\n\n--a\n\nx\n--a\nContent-Type: text/enriched\n\nx\n--a\nContent-Type: text/calendar\n\nBEGIN\n--a--\n`,
      ),
    )
    expect(bodies).toEqual([{ html: '<p>x</p>' }, { text: 'x', html: '' }])
    expect(attachments.map(({ name, mimeType, bytes }) => [name, mimeType, textOf(bytes)])).toEqual([
      ['a.txt', 'text/plain', 'a'],
      ['message.eml', 'message/rfc822', 'Subject: inner\r\n\r\ntext'],
      ['Ä', 'application/x', 'x'],
    ])
    expect(calendars).toEqual(['BEGIN'])
  })

  it('has files of text that are shown behind its own', () => {
    const file = part('text/plain; name=a.log\nContent-Disposition: inline; filename=a.log', 'logged')
    const { bodies, attachments } = read(
      mixed(part('text/plain; name=body.txt', 'own'), file, part('text/plain', 'end')),
    )
    expect(bodies).toEqual([{ text: 'own' }, { text: 'end' }])
    expect(attachments).toMatchObject([{ name: 'a.log', mimeType: 'text/plain' }])
  })

  it('has a file where the type is none and a name is there', () => {
    const { bodies, attachments } = read('Content-Type: unknown; name=a.bin\n\nx')
    expect(bodies).toEqual([])
    expect(attachments).toMatchObject([{ name: 'a.bin' }])
    expect(read('Content-Type: unknown\n\nx').bodies).toEqual([{ text: 'x' }])
  })

  it('has messages in a digest', () => {
    const { attachments } = read('Content-Type: multipart/digest; boundary=b\n\n--b\n\nSubject: a\n\nx\n--b--\n')
    expect(attachments).toMatchObject([{ mimeType: 'message/rfc822' }])
  })

  it.each([
    ['utf-8', Buffer.from('Grüße'), 'Grüße'],
    ['iso-8859-1', Buffer.from('Grüße', 'latin1'), 'Grüße'],
    ['iso-8859-1', Buffer.from('Grüße'), 'Grüße'],
    ['us-ascii', Buffer.from('Grüße', 'latin1'), 'Grüße'],
    ['unknown-8bit', Buffer.from('Grüße', 'latin1'), 'Grüße'],
    ['koi8-r', Buffer.from([0xf0, 0xd2, 0xc9]), 'При'],
    ['utf-7', Buffer.from('Gr+APwA3w-e'), 'Grüße'],
    ['', Buffer.from('\x1b$B%F%9%H\x1b(B'), 'テスト'],
  ])('reads text that is told to be %j', (charset, body, expected) => {
    const type = charset === '' ? 'text/plain' : `text/plain; charset=${charset}`
    const bytes = Buffer.concat([Buffer.from(`Content-Type: ${type}\n\n`), body])
    expect(read(bytes).bodies).toEqual([{ text: expected }])
  })

  it('joins lines that flow', () => {
    const flowed = (more: string): string => `Content-Type: text/plain; format=flowed${more}\n\na \nb\n  c\n-- \nd`
    expect(read(flowed('')).bodies).toEqual([{ text: 'a b\n c\n-- \nd' }])
    expect(read(flowed('; delsp=yes')).bodies).toEqual([{ text: 'ab\n c\n-- \nd' }])
  })

  it.each([
    ['boundaries without lines', () => `Content-Type: multipart/mixed; boundary=b\n\n${'--b'.repeat(400_000)}`],
    ['parts without number', () => `Content-Type: multipart/mixed; boundary=b\n\n${'--b\n\n'.repeat(200_000)}`],
    [
      'containers in containers',
      () =>
        Array.from({ length: 3_000 }, (_, n) => `Content-Type: multipart/mixed; boundary=b${n}\n\n--b${n}\n`).join(''),
    ],
    ['one line', () => 'x'.repeat(3_000_000)],
    ['fields', () => 'Subject: x\n'.repeat(200_000)],
    ['half words', () => `Subject: ${'=?a?b?'.repeat(100_000)}\n\nx`],
    ['brackets', () => `To: ${'<("'.repeat(100_000)}\n\nx`],
    ['parameters', () => `Content-Type: text/plain; ${'a=";'.repeat(100_000)}\n\nx`],
    ['equals signs', () => `Content-Transfer-Encoding: quoted-printable\n\n${'='.repeat(1_000_000)}`],
  ])('of endless %s ends soon', (_, text) => {
    const began = performance.now()
    const message = read(text())
    readAddresses(message.header.get('to'))
    decodeWords(message.header.get('subject') ?? '')
    expect(performance.now() - began).toBeLessThan(2_000)
  })

  it('never throws, and gives no more parts than it may', () => {
    const piece = fc.constantFrom(
      '--b\n',
      '--b--\n',
      '\n',
      'Content-Type: multipart/mixed; boundary=b\n',
      'Content-Type: message/rfc822\n',
      "Content-Disposition: attachment; filename*0*=x''%\n",
      'Content-Transfer-Encoding: base64\n',
      'Content-Transfer-Encoding: x-uuencode\n',
      'begin 644 x\n',
      '=?utf-8?q?=?=',
      'text ',
      '\0',
    )
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 40 }), (pieces) => {
        const { bodies, attachments } = read(pieces.join(''), 5)
        expect(bodies.length + attachments.length).toBeLessThanOrEqual(6)
      }),
    )
  })
})
