import { describe, expect, it } from 'vitest'
import { compoundOf, refusal, run, zipOf } from '../../test/make-documents.ts'
import { inflateRtf } from '../mail/compressed-rtf.ts'
import { sniff } from '../sniff.ts'
import { eml } from './eml.ts'
import { epub } from './epub.ts'
import { image } from './image.ts'
import { mbox } from './mbox.ts'
import { msg } from './msg.ts'

const mail = `From: =?utf-8?q?Ann_=C3=84?= <ann@x.example>
To: Bob <bob@x.example>, c@x.example
Subject: Re: =?utf-8?b?R3LDvMOfZQ==?=
Date: Tue, 02 Jan 2024 10:00:00 +0200
Message-ID: <1@x>
MIME-Version: 1.0
Content-Type: multipart/mixed; boundary=b

--b
Content-Type: multipart/alternative; boundary=a

--a
Content-Type: text/plain; charset=utf-8

plain
--a
Content-Type: text/html; charset=utf-8

<p>Hello <a href="https://x.example/">there</a></p>
--a--
--b
Content-Type: text/csv; name="data.csv"
Content-Disposition: attachment; filename="data.csv"
Content-Transfer-Encoding: base64

YSxiCjEsMgo=
--b
Content-Type: message/rfc822

Subject: inner

text
--b--
`

describe('eml', () => {
  it('writes headers and body; attachments and forwarded messages become children', async () => {
    const output = await run(eml, mail.replaceAll('\n', '\r\n'))
    expect(output.markdown).toBe(
      '# Re: Grüße\n\n- From: Ann Ä <ann@x.example>\n- To: Bob <bob@x.example>, c@x.example\n- Date: 2024-01-02T08:00:00.000Z\n\nHello [there](https://x.example/)',
    )
    expect(output).toMatchObject({
      title: 'Re: Grüße',
      author: 'Ann Ä <ann@x.example>',
      createdAt: '2024-01-02T08:00:00.000Z',
    })
    expect(
      output.children?.map(({ path, bytes }) => [path, Buffer.from(bytes).toString().trim().replaceAll('\r\n', '\n')]),
    ).toEqual([
      ['data.csv', 'a,b\n1,2'],
      ['message.eml', 'Subject: inner\n\ntext'],
    ])
  })

  it('keeps the body under a head of megabytes', async () => {
    const filler = 'X-Filler: 0123456789012345678901234567890123456789\r\n'.repeat(60_000)
    const many = Array.from({ length: 40_000 }, (_, n) => ` person${n}@x.example,`).join('\r\n')
    const head = `Subject: Long\r\nTo:${many}\r\n last@x.example\r\n${filler}Content-Type: text/plain; charset=utf-8\r\n`
    const { title, markdown } = await run(eml, new TextEncoder().encode(`${head}\r\nThe body is här.\r\n`))
    expect(title).toBe('Long')
    expect(markdown).toContain('person0@x.example')
    expect(markdown).toContain('The body is här.')
  })
  it('takes the plain text where the HTML says much less', async () => {
    const stub = mail
      .replace('\n\nplain', `\n\nplain ${'and long '.repeat(20)}`)
      .replace(/<p>.*<\/p>/, '<p>View online</p>')
    expect((await run(eml, stub)).markdown).toContain('plain and long')
  })
})

describe('eml with several bodies', () => {
  it('reads raw letters of a subject, and text of several bodies in their order', async () => {
    const text = (type: string, body: string): string => `--b\nContent-Type: ${type}; charset=utf-8\n\n${body}\n`
    const head = 'Subject: Gr\xfc\xdfe\nContent-Type: multipart/mixed; boundary=b\n\n'
    const body = `${text('text/plain', 'first')}${text('text/html', '<b>second</b>')}${text('text/plain', 'third')}`
    const { title, markdown } = await run(eml, Buffer.from(`${head}${body}--b--\n`, 'latin1'))
    expect(title).toBe('Grüße')
    expect(markdown).toBe('# Grüße\n\nfirst\n\n**second**\n\nthird')
  })
})

describe('mbox', () => {
  it('parts messages at envelopes, and not at lines of a body that look like one', async () => {
    const first = 'Subject: a\n\nFrom London, at 10:30, with love\n\n>From the sea\n>>From it\n'
    const box = `From a@b Mon Jun 01 10:00:00 2009\n${first}\nFrom b@c Mon Jun 01 11:00:00 2010\nno header\nFrom c@d 11:00\nTo: x\n\nlast`
    const { children, metadata } = await run(mbox, box)
    expect(metadata).toEqual({ messages: 3 })
    expect(children?.map(({ bytes }) => Buffer.from(bytes).toString())).toEqual([
      `${first.replace('>From', 'From').replace('>>', '>')}\n`,
      'no header\n',
      'To: x\n\nlast',
    ])
  })
})

describe('a folder of Foxmail', () => {
  it('is parted at its marks', async () => {
    const mark = `${'\x10'.repeat(7)}${'\x11'.repeat(6)}S\r\n`
    const box = `${mark}Subject: a\r\n\r\none\r\n${mark}Subject: b\r\n\r\ntwo\r\n`
    expect(sniff(Buffer.from(box), { filename: 'in.box' }).format).toBe('mbox')
    expect((await run(mbox, box)).children?.map(({ bytes }) => Buffer.from(bytes).toString())).toEqual([
      'Subject: a\r\n\r\none\r\n',
      'Subject: b\r\n\r\ntwo\r\n',
    ])
  })
})

describe('msg', () => {
  it('reads subject, body and sender, by plain streams when the rest is damaged', async () => {
    const wide = (text: string): Uint8Array => Buffer.from(text, 'utf16le')
    const output = await run(
      msg,
      compoundOf({
        '__properties_version1.0': Buffer.alloc(32),
        '__substg1.0_0037001F': wide('The subject'),
        '__substg1.0_0C1A001F': wide('Ann'),
        '__substg1.0_1000001F': wide('The body'),
      }),
    )
    expect(output.markdown).toBe('# The subject\n\n- From: Ann\n\nThe body')
    expect(await refusal(msg, 'no message')).toMatch(/^corrupt/)
  })

  it('does not follow a sector chain or a directory that turns in a circle', async () => {
    const bytes = Buffer.from(
      compoundOf({ '__properties_version1.0': Buffer.alloc(32), '__substg1.0_1000001F': Buffer.alloc(9000, 'a\0') }),
    )
    const fat = (bytes.readUInt32LE(76) + 1) * 512
    const directory = (bytes.readUInt32LE(48) + 1) * 512
    const chain = Buffer.from(bytes)
    for (let at = fat; at < fat + 512; at += 4)
      if (chain.readUInt32LE(at) < 0xfffffffa) chain.writeUInt32LE((at - fat) / 4, at)
    expect(await refusal(msg, chain)).toMatch(/^corrupt/)
    const tree = Buffer.from(bytes)
    tree.writeUInt32LE(1, directory + 128 + 68)
    expect((await run(msg, tree)).markdown).toMatch(/^a{4500}$/)
  })

  it('unpacks RTF bodies, with the example of the specification', () => {
    // [MS-OXRTFCP] 3.1.1
    const known = Buffer.from(
      '2D0000002B0000004C5A4675F1C5C7A703000A007263706731323542320AF32068656C09002062770 5B06C647D0A800FA0'.replace(
        ' ',
        '',
      ),
      'hex',
    )
    expect(Buffer.from(inflateRtf(known, 1000)).toString('latin1')).toBe(
      '{\\rtf1\\ansi\\ansicpg1252\\pard hello world}\r\n',
    )
    expect(() => inflateRtf(known.subarray(0, 8), 1000)).toThrow(/cut short/)
    expect(() => inflateRtf(known, 10)).toThrow(/more than it can hold/)
  })
})

describe('epub', () => {
  const page = (body: string): string => `<html><body>${body}</body></html>`
  const book = (extra: Record<string, string> = {}): Uint8Array =>
    zipOf({
      mimetype: 'application/epub+zip',
      'META-INF/container.xml':
        '<container><rootfiles><rootfile full-path="OEBPS/content.opf"/></rootfiles></container>',
      'OEBPS/content.opf': `<package><metadata><dc:title>Book</dc:title><dc:creator>Ann</dc:creator><dc:language>en</dc:language></metadata>
        <manifest><item id="b" href="text/two.xhtml"/><item id="a" href="one%201.xhtml"/></manifest><spine><itemref idref="a"/><itemref idref="b"/></spine></package>`,
      'OEBPS/one 1.xhtml': page('<h1>Start</h1><p>first</p>'),
      'OEBPS/text/two.xhtml': page('<h2>Next</h2><p>second</p>'),
      ...extra,
    })

  it('keeps all who wrote it, one language, dates by what they are of', async () => {
    const opf = `<package><metadata><dc:title>Book</dc:title><dc:title>Subtitle</dc:title><dc:creator>Ann</dc:creator><dc:creator>Bo</dc:creator>
      <dc:language>en</dc:language><dc:language>ja</dc:language><dc:date opf:event="publication">2019-08-23</dc:date><dc:date opf:event="modification">2021-01-02</dc:date>
      <dc:subject>Snow</dc:subject><dc:subject>Ice</dc:subject></metadata><manifest><item id="a" href="one%201.xhtml"/></manifest><spine><itemref idref="a"/></spine></package>`
    expect(await run(epub, book({ 'OEBPS/content.opf': opf }))).toMatchObject({
      title: 'Book',
      author: 'Ann, Bo',
      language: 'en',
      createdAt: '2019-08-23T00:00:00.000Z',
      updatedAt: '2021-01-02T00:00:00.000Z',
      metadata: { subject: 'Snow, Ice' },
    })
  })

  it('reads a chapter once, the contents only where nothing else names the chapters, no targets inside the book', async () => {
    const opf = `<package><manifest><item id="n" href="nav.xhtml" properties="nav"/><item id="a" href="a.xhtml"/>
      <item id="p" href="scan.jpg" media-type="image/jpeg" fallback="b"/><item id="b" href="b.xhtml"/></manifest>
      <spine><itemref idref="n"/><itemref idref="a"/><itemref idref="p"/><itemref idref="a"/></spine></package>`
    const parts = (heading: string): Record<string, string> => ({
      'OEBPS/content.opf': opf,
      'OEBPS/nav.xhtml': page('<nav><ol><li><a href="a.xhtml#x">Start</a></li></ol></nav>'),
      'OEBPS/a.xhtml': page(
        `${heading}<p>See <a id="r1" href="b.xhtml#n1">1</a> and <a href="https://x.example/">there</a><img src="a.png" alt="A red barn"/><img src="b.png" alt="b.png"/></p>`,
      ),
      'OEBPS/b.xhtml': page('<p>instead of the scan</p>'),
      'OEBPS/scan.jpg': 'noise',
    })
    const text = 'See 1 and [there](https://x.example/)![A red barn](image)\n\ninstead of the scan'
    expect((await run(epub, book(parts('<h1>Start</h1>')))).markdown).toBe(`# Start\n\n${text}`)
    expect((await run(epub, book(parts('')))).markdown).toBe(`${text}\n\n1. Start`)
  })

  it('reads what is there of a damaged book', async () => {
    const lost = book({ 'META-INF/container.xml': '<rootfile full-path="gone.opf"/>' })
    expect((await run(epub, lost)).markdown).toContain('first')
    const bare = zipOf({ mimetype: 'application/epub+zip', 'b.xhtml': page('two'), 'a.xhtml': page('one') })
    expect((await run(epub, bare)).markdown).toBe('one\n\ntwo')
    const strange = book({
      'OEBPS/content.opf':
        '<package><manifest><item id="a" href="100%.xhtml"/><item id="b" href="text/two.xhtml"/></manifest><spine><itemref idref="a"/><itemref idref="b"/></spine></package>',
    })
    expect((await run(epub, strange)).markdown).toBe('## Next\n\nsecond')
  })

  it('reads chapters in the order of the spine', async () => {
    expect(await run(epub, book())).toMatchObject({
      markdown: '# Start\n\nfirst\n\n## Next\n\nsecond',
      title: 'Book',
      author: 'Ann',
      language: 'en',
      metadata: { chapters: 2 },
    })
  })

  it('says when it is protected or lists nothing', async () => {
    const drm = (algorithm: string): string =>
      `<encryption><EncryptedData><EncryptionMethod Algorithm="${algorithm}"/><CipherReference URI="OEBPS/text/two.xhtml"/></EncryptedData></encryption>`
    expect(
      await refusal(epub, book({ 'META-INF/encryption.xml': drm('http://www.w3.org/2001/04/xmlenc#aes128-cbc') })),
    ).toMatch(/^encrypted: .*DRM/)
    expect(
      (await run(epub, book({ 'META-INF/encryption.xml': drm('http://www.idpf.org/2008/embedding') }))).markdown,
    ).toContain('second')
    expect(await refusal(epub, zipOf({ mimetype: 'application/epub+zip' }))).toMatch(/^corrupt: .*opf/)
  })
})

describe('image', () => {
  it('tells size and metadata', async () => {
    const gif = Buffer.concat([Buffer.from('GIF89a'), Buffer.from([3, 0, 2, 0, 0, 0, 0]), Buffer.from(';')])
    expect(await run(image, gif)).toMatchObject({
      markdown: 'GIF image, 3 × 2 pixels',
      metadata: { width: 3, height: 2 },
    })
    expect(await refusal(image, 'no picture at all')).toMatch(/^corrupt/)
  })

  it('reads EXIF fields of a JPEG', async () => {
    const artist = Buffer.from('Ann\0\0\0\0\0')
    const tiff = Buffer.alloc(26 + artist.length)
    tiff.write('II*\0', 0, 'latin1')
    tiff.writeUInt32LE(8, 4)
    tiff.writeUInt16LE(1, 8)
    tiff.writeUInt16LE(0x013b, 10)
    tiff.writeUInt16LE(2, 12)
    tiff.writeUInt32LE(artist.length, 14)
    tiff.writeUInt32LE(26, 18)
    artist.copy(tiff, 26)
    const exif = Buffer.concat([Buffer.from('Exif\0\0', 'latin1'), tiff])
    const jpeg = Buffer.concat([
      Buffer.from([0xff, 0xd8, 0xff, 0xe1, 0, exif.length + 2]),
      exif,
      Buffer.from([0xff, 0xc0, 0, 11, 8, 0, 2, 0, 3, 1, 1, 0x11, 0, 0xff, 0xd9]),
    ])
    expect(await run(image, jpeg)).toMatchObject({
      markdown: 'JPG image, 3 × 2 pixels\n\n- Author: Ann',
      author: 'Ann',
    })
  })
})
