import { deflateSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { refusal, run } from '../../test/make-documents.ts'
import { cms, der, id, open, rsa, signedOf, winmail } from '../../test/make-mail.ts'
import { parseBytes } from '../parse.ts'
import { sniff } from '../sniff.ts'
import { eml } from './eml.ts'
import { pgp } from './pgp.ts'
import { pkcs7 } from './pkcs7.ts'
import { tnef } from './tnef.ts'

describe('TNEF', () => {
  it('has texts, people, facts, attachments, and messages in it', async () => {
    const output = await run(tnef, winmail)
    expect(output.markdown).toBe('# Тест\n\n- To: Bob <bob@x.example>\n- Location: Room 1\n\n**page** text')
    expect(output.children?.map(({ path, bytes }) => [path, sniff(bytes, { filename: path }).format])).toEqual([
      ['table.csv', 'csv'],
      ['Inner.msg', 'tnef'],
    ])
    expect((await run(tnef, output.children?.[1]?.bytes ?? '')).markdown).toBe('# Inner\n\ninner text')
  })

  it('is read as far as it goes', async () => {
    for (let length = 7; length < winmail.length; length++) await run(tnef, winmail.subarray(0, length))
    for (let at = 6; at < winmail.length; at++) {
      const damaged = Buffer.from(winmail)
      damaged.writeUInt32LE(0xffffffff, Math.min(at, winmail.length - 4))
      await run(tnef, damaged)
    }
    expect(await refusal(tnef, 'no such thing')).toMatch(/^corrupt/)
  })

  it('in a mail stands for what it wraps', async () => {
    const mail = `Subject: Re: that\nContent-Type: multipart/mixed; boundary=b\n\n--b\n\n${'own text'}\n--b\nContent-Type: application/ms-tnef; name=winmail.dat\nContent-Transfer-Encoding: base64\n\n${winmail.toString('base64')}\n--b--\n`
    const output = await run(eml, mail)
    expect(output.markdown).toBe('# Re: that\n\n- Location: Room 1\n\nown text')
    expect(output.children?.map(({ path }) => path)).toEqual(['table.csv', 'Inner.msg'])
    expect((await run(eml, mail.replace('own text', ''))).markdown).toContain('**page** text')
  })
})

const [signed, enveloped, data, packed] = [`${rsa}0702`, `${rsa}0703`, `${rsa}0701`, `${rsa}09100109`]
const algorithms = der(0x31, der(0x30, id('608648016503040201')))

describe('what CMS wraps', () => {
  const entity =
    'Content-Type: multipart/mixed; boundary=i\r\n\r\n--i\r\n\r\nThe text\r\n--i\r\nContent-Type: text/csv; name=a.csv\r\n\r\na,b\r\n--i--\r\n'
  const pieces = open(
    0x30,
    id(signed),
    open(
      0xa0,
      open(
        0x30,
        der(2, Buffer.of(1)),
        algorithms,
        open(0x30, id(data), open(0xa0, open(0x24, der(4, Buffer.from('in ')), der(4, Buffer.from('pieces'))))),
      ),
    ),
  )

  it.each([
    ['signed', signedOf('a,b'), 'table.csv.p7m', 'table.csv', 'a,b'],
    ['in pieces without lengths', pieces, 'a.txt.p7m', 'a.txt', 'in pieces'],
    [
      'in letters',
      Buffer.from(`-----BEGIN PKCS7-----\n${signedOf('a,b').toString('base64')}\n-----END PKCS7-----\n`),
      'x',
      'content',
      'a,b',
    ],
    [
      'packed',
      cms(packed, der(0x30, id(`${rsa}09100308`)), der(0x30, id(data), der(0xa0, der(4, deflateSync('small'))))),
      'a.p7z',
      'content',
      'small',
    ],
    ['a signed PDF, which begins soon', signedOf('%PDF-1.4 x'), 'a.pdf.p7m', 'a.pdf', '%PDF-1.4 x'],
    ['a part of a mail', signedOf(entity), 'smime.p7m', 'message.eml', entity],
  ])('is a document of its own: %s', async (_, bytes, filename, path, content) => {
    expect(sniff(bytes, { filename }).format).toBe('pkcs7')
    const { children } = await run(pkcs7, bytes, { filename })
    expect(children?.map((each) => [each.path, Buffer.from(each.bytes).toString()])).toEqual([[path, content]])
  })

  it('is refused with its reason', async () => {
    expect(await refusal(pkcs7, cms(enveloped, der(0x31)))).toMatch(/^encrypted/)
    expect(await refusal(pkcs7, cms(signed, algorithms, der(0x30, id(data))))).toMatch(/^empty: .*signatures/)
    expect(await refusal(pkcs7, Buffer.from('3003020101', 'hex'))).toMatch(/^corrupt/)
    expect(await refusal(pkcs7, open(0x30).subarray(0, 2))).toMatch(/^corrupt/)
    const bomb = cms(
      packed,
      der(0x30, id(`${rsa}09100308`)),
      der(0x30, id(data), der(0xa0, der(4, deflateSync(Buffer.alloc(3_000_000))))),
    )
    expect(await refusal(pkcs7, bomb)).toMatch(/^too_large/)
    const nested = Buffer.alloc(100_000, Buffer.of(0x30, 0x80))
    expect(await refusal(pkcs7, nested)).toMatch(/^corrupt/)
  })

  it('in a mail is its text and its attachments', async () => {
    const mail = (bytes: Uint8Array): string =>
      `Subject: s\nMIME-Version: 1.0\nContent-Type: application/pkcs7-mime; smime-type=signed-data; name=smime.p7m\nContent-Transfer-Encoding: base64\n\n${Buffer.from(bytes).toString('base64')}\n`
    const output = await run(eml, mail(signedOf(entity)))
    expect(output.markdown).toBe('# s\n\nThe text')
    expect(output.children?.map(({ path }) => path)).toEqual(['a.csv'])
    const sealed = await parseBytes({ bytes: new Uint8Array(Buffer.from(mail(cms(enveloped, der(0x31))))) })
    expect(sealed).toMatchObject({
      ok: true,
      document: { title: 's', children: [{ path: 'smime.p7m', outcome: { ok: false, code: 'encrypted' } }] },
    })
    const file = await run(eml, mail(signedOf('<a>1</a>')).replace('name=smime.p7m', 'name=invoice.xml.p7m'))
    expect(file.children?.map(({ path }) => path)).toEqual(['invoice.xml.p7m'])
  })
})

const armored = (kind: string): string => `-----BEGIN PGP ${kind}-----\nVersion: x\n\naGk=\n-----END PGP ${kind}-----\n`
const clear = `-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA256\n\nThe text\n- -- \nAnn\n${armored('SIGNATURE')}`

describe('what PGP wraps', () => {
  it('is text without its armour, or encrypted', async () => {
    expect((await run(pgp, clear)).markdown).toBe('The text\n-- \nAnn')
    expect(await refusal(pgp, armored('MESSAGE'))).toMatch(/^encrypted/)
    expect(sniff(Buffer.from(armored('MESSAGE')), { filename: 'a.asc' }).format).toBe('pgp')
  })

  it('in a mail leaves its text; what is encrypted is an attachment that says so', async () => {
    const body = `Hello\n\n${clear}\nquoted:\n-----BEGIN PGP MESSAGE-----\n\n`
    expect((await run(eml, `Subject: s\n\n${body}`)).markdown).toBe(
      '# s\n\nHello\n\nThe text\n-- \nAnn\n\nquoted:\n-----BEGIN PGP MESSAGE-----',
    )
    const sealed = await run(eml, `Subject: s\n\nHello\n${armored('MESSAGE')}\nBye`)
    expect(sealed.markdown).toBe('# s\n\nHello\n\nBye')
    expect(sealed.children).toMatchObject([{ path: 'message.asc', mimeType: 'application/pgp-encrypted' }])
  })

  it('and its containers bring no attachments but what is encrypted', async () => {
    const parts = (kind: string, ...types: readonly string[]): string =>
      `Subject: s\nContent-Type: multipart/${kind}; boundary=b\n\n${types.map((type) => `--b\nContent-Type: ${type}\n\n${type}\n`).join('')}--b--\n`
    const paths = async (mail: string): Promise<unknown> =>
      (await run(eml, mail)).children?.map((each) => each.mimeType)
    expect(await paths(parts('signed', 'text/plain', 'application/pgp-signature'))).toBeUndefined()
    expect(await paths(parts('signed', 'text/plain', 'application/x-pkcs7-signature'))).toBeUndefined()
    expect(await paths(parts('encrypted', 'application/pgp-encrypted', 'application/octet-stream'))).toEqual([
      'application/octet-stream',
    ])
    expect(await paths(parts('mixed', 'text/plain', 'application/pgp-signature'))).toEqual([
      'application/pgp-signature',
    ])
  })
})

describe('a mail', () => {
  it.each([
    ['files that begin', 'begin 644 a\n%2&5L;&\\\n'.repeat(100_000)],
    ['files of yEnc that begin', '=ybegin line=1 name=a\n'.repeat(100_000)],
    ['armour that begins', '-----BEGIN PGP MESSAGE-----\n-----BEGIN PGP SIGNATURE-----\n'.repeat(50_000)],
    ['armour that is signed', '-----BEGIN PGP SIGNED MESSAGE-----\nHash: x\n'.repeat(50_000)],
  ])('of endless %s ends soon', async (_, text) => {
    const began = performance.now()
    await run(eml, `Subject: s\n\n${text}`)
    expect(performance.now() - began).toBeLessThan(2_000)
  })
})

describe('files in the text of a mail', () => {
  it.each([
    ['uuencoded', 'begin 644 a.txt\n%2&5L;&\\\n`\nend\n', 'a.txt', 'Hello'],
    ['yEnc', `=ybegin line=128 size=4 name=b c.bin\n${'r\x8f=}\x96'}\n=yend size=4\n`, 'b c.bin', 'He\x13l'],
  ])('are attachments: %s', async (_, file, path, content) => {
    const output = await run(eml, Buffer.from(`Subject: s\n\nBefore\n${file}After\n`, 'latin1'))
    expect(output.markdown).toBe('# s\n\nBefore\nAfter')
    expect(output.children?.map((each) => [each.path, Buffer.from(each.bytes).toString('latin1')])).toEqual([
      [path, content],
    ])
  })

  it('are not what only begins like one', async () => {
    const text = 'begin 644 reasons\nwhy this is not a file at all\nend\n\nlet us begin 644 a\n\nbegin 644 b\n%2&5L;&\\'
    expect((await run(eml, `Subject: s\n\n${text}`)).markdown).toBe(`# s\n\n${text}`)
  })
})
