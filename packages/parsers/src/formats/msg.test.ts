import { describe, expect, it } from 'vitest'
import { refusal, run } from '../../test/make-documents.ts'
import { outlookOf } from '../../test/make-outlook.ts'
import { parseBytes } from '../parse.ts'
import { sniff } from '../sniff.ts'
import { msg } from './msg.ts'

const bytes = (hex: string): Uint8Array => Buffer.from(hex, 'hex')
/** RTF as Outlook stores it, not packed ([MS-OXRTFCP] 2.1.3.1.4). */
function storedRtf(text: string): Uint8Array {
  const header = Buffer.alloc(16)
  header.writeUInt32LE(text.length + 12, 0)
  header.writeUInt32LE(text.length, 4)
  header.writeUInt32LE(0x414c454d, 8)
  return Buffer.concat([header, Buffer.from(text, 'latin1')])
}

describe('an Outlook message', () => {
  it('has people by their roles, with addresses that people know, and the time it was sent', async () => {
    const output = await run(
      msg,
      outlookOf({
        values: {
          55: 'Plans',
          66: 'Ann',
          101: '/O=ORG/CN=ANN',
          23810: 'ann@x.example',
          3098: 'Ann’s secretary',
          57: new Date('2024-01-02T08:00:00.900Z'),
          4096: 'The text',
          4149: '<1@x>',
        },
        recipients: [
          { values: { 12289: 'Bob', 14846: 'bob@x.example', 3093: 1 } },
          { values: { 12289: 'cy@x.example', 12291: 'cy@x.example', 3093: 0x10000002 } },
          { values: { 12289: 'Di', 12291: '/O=ORG/CN=DI', 3093: 3 } },
        ],
      }),
    )
    expect(output).toMatchObject({ title: 'Plans', author: 'Ann <ann@x.example>', metadata: { messageId: '<1@x>' } })
    expect(output.markdown).toBe(
      '# Plans\n\n- From: Ann <ann@x.example>\n- To: Bob <bob@x.example>\n- Cc: cy@x.example\n- Bcc: Di\n- Date: 2024-01-02T08:00:00.000Z\n\nThe text',
    )
  })

  it('takes whom it came from out of the header of the Internet where the address is one of Exchange', async () => {
    const values = { 66: 'Ann', 101: '/O=ORG/CN=ANN', 125: 'To: b@x\r\nFrom: "A. Doe" <a@x.example>\r\n\r\n' }
    expect(await run(msg, outlookOf({ values }))).toMatchObject({ author: 'A. Doe <a@x.example>' })
  })

  it.each([
    ['its own code page', { 16381: 1251 }, 'd2e5f1f2', 'Тест'],
    ['that of its language', { 16369: 0x0404 }, 'b4fab8d5', '測試'],
    ['that of the Internet', { 16350: 20_866 }, 'f4c5d3d4', 'Тест'],
    ['UTF-8 whatever it says', { 16381: 1252 }, 'd0a2d0b5d181d182', 'Тест'],
    ['that of Western Europe where it says none', {}, 'c4e9', 'Äé'],
  ])('that is not Unicode is in %s', async (_, values, hex, expected) => {
    expect(await run(msg, outlookOf({ values, narrow: { 55: bytes(hex) } }))).toMatchObject({ title: expected })
  })

  it.each<[string, Parameters<typeof outlookOf>[0], string]>([
    ['HTML in bytes', { values: { 4096: 'Grüße da', 4115: Buffer.from('<b>Grüße</b> da') } }, '**Grüße** da'],
    ['HTML in an old page', { values: { 16350: 1251, 4115: bytes('3c623ed2e5f1f23c2f623e') } }, '**Тест**'],
    ['HTML as text', { values: { 4115: '<i>so</i>' } }, '*so*'],
    ['RTF alone', { values: { 4105: storedRtf('{\\rtf1\\ansi {\\b bold} text}') } }, '**bold** text'],
    [
      'RTF beside plain text',
      { values: { 4096: 'bold text', 4105: storedRtf('{\\rtf1\\ansi {\\b bold} text}') } },
      '**bold** text',
    ],
    [
      'text that RTF only wraps',
      { values: { 4096: 'as *it* is', 4105: storedRtf('{\\rtf1\\ansi\\fromtext as {\\b it} is}') } },
      'as *it* is',
    ],
    [
      'text of which RTF has little',
      { values: { 4096: 'much more than that', 4105: storedRtf('{\\rtf1\\ansi much}') } },
      'much more than that',
    ],
    [
      'HTML within RTF',
      {
        values: {
          4096: 'a link',
          4105: storedRtf(
            '{\\rtf1\\ansi\\ansicpg1252\\fromhtml1 \\deff0{\\fonttbl{\\f0 Arial;}{\\f1\\fcharset204 Arial;}}{\\colortbl;\\red1\\green1\\blue1;}{\\*\\generator x}{\\*\\htmltag64 <p>}\\htmlrtf {\\b not this\\htmlrtf0 a {\\*\\htmltag84 <a href="https://x.example/">}link \\\'e9 \\u1090 ?{\\f1 \\\'f2}{\\*\\htmltag92 </a>}\\htmlrtf }\\htmlrtf0 \\{{\\*\\mhtmltag84 <a href="gone">}\\}\\line b{\\*\\htmltag72 </p>}}',
          ),
        },
      },
      'a [link é тт](https://x.example/){}  \nb',
    ],
  ])('is read from %s', async (_, parts, expected) => {
    expect((await run(msg, outlookOf(parts))).markdown).toBe(expected)
  })

  it('has attachments: files, messages with their own attachments, objects; not the pictures of its page', async () => {
    const inner = {
      values: { 26: 'IPM.Appointment', 55: 'Inner', 4096: 'inner text' },
      attachments: [{ values: { 14087: 'deep.txt', 14081: Buffer.from('deep') } }],
      named: [[0x00062002, 0x8208, 'Room 1']] as const,
    }
    const outcome = await parseBytes({
      filename: 'a.msg',
      bytes: outlookOf({
        values: { 4115: '<img src="cid:one@x"> text' },
        // Names are those of the outermost message, for all within.
        named: inner.named.map(([guid, name]) => [guid, name, 'elsewhere']),
        attachments: [
          { values: { 14081: Buffer.from('x'), 14087: 'logo.png', 14098: 'one@x' } },
          { values: { 14081: Buffer.from('a,b\n1,2\n'), 14084: 'TABLE~1.CSV', 14087: 'table of all.csv' } },
          { values: { 12289: 'Inner' }, message: inner },
          { object: { __substg: Buffer.from('x') } },
          { values: { 14087: 'only a link' } },
        ],
      }).slice(),
    })
    if (!outcome.ok) throw new Error(outcome.message)
    const children = outcome.document.children ?? []
    expect(children.map(({ path, outcome: each }) => [path, each.ok || each.code])).toEqual([
      ['table of all.csv', true],
      ['Inner.msg', true],
      ['attachment-3', 'unsupported_type'],
    ])
    expect(children[1]?.outcome).toMatchObject({
      document: {
        title: 'Inner',
        chunks: [{ text: expect.stringContaining('- Location: Room 1\n\ninner text') }],
        children: [{ path: 'deep.txt', outcome: { ok: true } }],
      },
    })
  })

  it('within another is a file of its own, however large', async () => {
    const body = Buffer.from('many words '.repeat(400_000), 'utf16le')
    const outer = outlookOf({ attachments: [{ message: { values: { 4096: body.toString('utf16le') } } }] })
    const child = (await run(msg, outer)).children?.[0]?.bytes ?? new Uint8Array(0)
    expect(sniff(child).format).toBe('msg')
    expect((await run(msg, child)).markdown.length).toBe(body.length / 2 - 1)
  })

  it('that is signed is what was signed', async () => {
    const entity =
      'MIME-Version: 1.0\r\nContent-Type: multipart/signed; boundary=b\r\n\r\n--b\r\nContent-Type: multipart/mixed; boundary=c\r\n\r\n--c\r\n\r\nthe text\r\n--c\r\nContent-Type: text/csv; name=a.csv\r\n\r\na,b\r\n--c--\r\n--b\r\nContent-Type: application/pkcs7-signature\r\n\r\nx\r\n--b--\r\n'
    const parts = (messageClass: string): Parameters<typeof outlookOf>[0] => ({
      values: { 26: messageClass, 55: 'It', 4096: 'the text' },
      attachments: [{ values: { 14081: Buffer.from(entity), 14087: 'smime.p7m' } }],
    })
    const output = await run(msg, outlookOf(parts('IPM.Note.SMIME.MultipartSigned')))
    expect(output.markdown).toBe('# It\n\nthe text')
    expect(output.children?.map(({ path }) => path)).toEqual(['a.csv'])
    expect((await run(msg, outlookOf(parts('IPM.Note')))).children?.map(({ path }) => path)).toEqual(['smime.p7m'])
  })

  it('names those it shows where it lists nobody', async () => {
    const values = { 55: 'It', 3588: 'Ann; Bob' }
    expect((await run(msg, outlookOf({ values, recipients: [{ values: { 3093: 1 } }] }))).metadata).toEqual({
      to: ['Ann', 'Bob'],
    })
  })

  it.each([
    [
      'IPM.Appointment',
      [
        [0x00062002, 0x820d, new Date('2024-05-06T07:00:00Z')],
        [0x00062002, 0x820e, new Date('2024-05-06T08:00:00Z')],
        [0x00062002, 0x8208, 'Room 1'],
      ],
      '- Starts: 2024-05-06T07:00:00.000Z\n- Ends: 2024-05-06T08:00:00.000Z\n- Location: Room 1',
    ],
    [
      'IPM.Task',
      [
        [0x00062003, 0x8105, new Date('2024-05-06T00:00:00Z')],
        [0x00062003, 0x8101, 1],
        [0x00062003, 0x810f, new Date('4501-01-01T00:00:00Z')],
      ],
      '- Due: 2024-05-06\n- Status: in progress',
    ],
    ['IPM.Contact', [[0x00062004, 0x8083, 'ann@x.example']], '- Email: ann@x.example'],
    ['IPM.Note', [[0x00062002, 0x8208, 'Room 1']], ''],
  ] as const)('of the class %s says what such an item has', async (messageClass, named, expected) => {
    const values = { 26: messageClass, 55: 'It' }
    expect((await run(msg, outlookOf({ values, named }))).markdown).toBe(`# It\n\n${expected}`.trim())
  })

  it('is refused where nothing in it can be read', async () => {
    expect(await refusal(msg, outlookOf({}))).toMatch(/^corrupt: .*no part/)
    expect(await refusal(msg, 'no message')).toMatch(/^corrupt: .*not a compound/)
  })
})
