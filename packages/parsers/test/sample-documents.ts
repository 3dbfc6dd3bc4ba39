import { gzipSync } from 'node:zlib'
import { CFB, utils, write } from '@e965/xlsx'
import { compoundOf, relsOf, zipOf } from './make-documents.ts'
import { lockAgile, lockWithRc4 } from './make-encrypted.ts'
import { docOf } from './make-legacy.ts'
import { signedOf, winmail } from './make-mail.ts'
import { outlookOf } from './make-outlook.ts'
import { makePdf } from './make-pdf.ts'
import { pptStreams } from './make-ppt.ts'

const wordsOfAll = 'Some words of a document'

/** A small document of each format that has bytes of its own to damage, by file name. */
export function sampleDocuments(): ReadonlyMap<string, Uint8Array> {
  const { stream, user } = pptStreams()
  const samples: Readonly<Record<string, Uint8Array | string>> = {
    'a.pdf': makePdf([[{ text: wordsOfAll, size: 12, y: 700 }], [{ text: 'More', size: 20, y: 700 }]]),
    'a.docx': docx(),
    'a.pptx': pptx(),
    'a.xlsx': workbook('xlsx'),
    'a.xlsb': workbook('xlsb'),
    'a.xls': workbook('biff8'),
    'old.xls': workbook('biff5'),
    'early.xls': workbook('biff2'),
    // With the password that Excel opens without asking.
    'locked.xls': compoundOf({ Workbook: lockWithRc4(bookStream(), 'VelvetSweatshop') }),
    'locked.xlsx': lockAgile(workbook('xlsx'), 'VelvetSweatshop'),
    'a.ods': workbook('ods'),
    'a.odt': openDocument('text', `<text:h text:outline-level="1">Title</text:h><text:p>${wordsOfAll}</text:p>`),
    'a.odp': openDocument(
      'presentation',
      `<draw:page draw:name="p"><draw:frame><draw:text-box><text:p>${wordsOfAll}</text:p></draw:text-box></draw:frame></draw:page>`,
    ),
    'a.epub': epub(),
    'a.doc': docOf([
      { text: `${wordsOfAll}\r`, style: 1 },
      { text: 'item\r', sprms: [0x0b, 0x46, 1, 0] },
    ]),
    'a.ppt': compoundOf({ 'PowerPoint Document': stream, 'Current User': user }),
    'a.msg': compoundOf({
      '__properties_version1.0': Buffer.alloc(32),
      '__substg1.0_0037001F': Buffer.from('The subject', 'utf16le'),
      '__substg1.0_1000001F': Buffer.from(wordsOfAll, 'utf16le'),
    }),
    'within.msg': outlookOf({
      values: { 55: 'The subject', 4115: Buffer.from(`<p>${wordsOfAll}</p>`), 16369: 1049 },
      narrow: { 66: Buffer.from('d2e5f1f2', 'hex') },
      recipients: [{ values: { 12289: 'Bob', 3093: 1 } }],
      attachments: [
        { values: { 14087: 'a.txt', 14081: Buffer.from('x') } },
        { message: { values: { 4096: 'in it' } } },
      ],
    }),
    'a.rtf': `{\\rtf1\\ansi{\\fonttbl{\\f0 Arial;}}\\b Title\\b0\\par ${wordsOfAll}\\par\\trowd\\cellx100 a\\cell b\\cell\\row}`,
    'a.eml': mail,
    'winmail.dat': winmail,
    'a.csv.p7m': signedOf(`name,note\n${wordsOfAll},2\n`),
    'a.ics': `BEGIN:VCALENDAR\nBEGIN:VEVENT\nSUMMARY:${wordsOfAll}\nDTSTART:20240506T090000Z\nEND:VEVENT\nEND:VCALENDAR\n`,
    'a.mbox': `From a Tue Jan 02 10:00:00 2024\n${mail}\n\nFrom b Tue Jan 02 11:00:00 2024\n${mail}\n`,
    'a.zip': zipOf({ 'in/a.md': `# T\n\n${wordsOfAll}`, 'b.csv': 'a,b\n1,2\n' }),
    'a.txt.gz': gzipSync(wordsOfAll),
    'a.html': `<!doctype html><html><head><title>T</title></head><body><h1>H</h1><table><tr><td>${wordsOfAll}</td></tr></table></body></html>`,
    'a.xml': `<?xml version="1.0"?><a b="c"><!-- d --><e>${wordsOfAll}</e><![CDATA[ x ]]></a>`,
    'a.csv': `name,note\n"quoted, ""so""",1\n${wordsOfAll},2\n`,
    'a.json': `{"title": "${wordsOfAll}", "list": [1, 2.5e3, null, {"deep": true}]}`,
    'a.ipynb': `{"cells":[{"cell_type":"markdown","source":["# T\\n","${wordsOfAll}"]},{"cell_type":"code","source":"x=1","outputs":[{"output_type":"stream","text":["1"]}]}],"nbformat":4}`,
    'a.yaml': `title: ${wordsOfAll}\nlist:\n  - 1\n  - "two"\n`,
    'a.toml': `title = "${wordsOfAll}"\n[part]\nlist = [1, 2]\n`,
    'a.md': `---\ntitle: T\n---\n# H\n\n- ${wordsOfAll}\n\n| a | b |\n| --- | --- |\n\n\`\`\`js\nx\n\`\`\`\n`,
    'a.rst': `Title\n=====\n\n${wordsOfAll}\n\n* item\n\n.. code:: js\n\n   x\n`,
    'a.ts': `export function f(): string {\n  return '${wordsOfAll}'\n}\n`,
    'a.txt': `${wordsOfAll}, größer: ${'word '.repeat(200)}`,
  }
  return new Map(
    Object.entries(samples).map(([name, content]) => [
      name,
      typeof content === 'string' ? new TextEncoder().encode(content) : content,
    ]),
  )
}

const mail = `From: Ann <ann@x.example>\nTo: b@x.example\nSubject: =?utf-8?q?Hi_=C3=84?=\nDate: Tue, 02 Jan 2024 10:00:00 +0200\nMIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: text/html; charset=utf-8\nContent-Transfer-Encoding: quoted-printable\n\n<p>${wordsOfAll}=20</p>\n--b\nContent-Type: text/csv; name=t.csv\nContent-Transfer-Encoding: base64\nContent-Disposition: attachment; filename=t.csv\n\nYSxiCjEsMgo=\n--b--\n`

function bookStream(): Uint8Array {
  const file = CFB.read(Buffer.from(workbook('biff8')), { type: 'buffer' })
  return new Uint8Array(CFB.find(file, 'Workbook')!.content as Uint8Array)
}

function workbook(bookType: 'xlsx' | 'xlsb' | 'biff8' | 'biff5' | 'biff2' | 'ods'): Uint8Array {
  const sheet = utils.aoa_to_sheet([
    ['name', 'sum', 'share'],
    [wordsOfAll, 1234.5, 0.25],
  ])
  sheet.C2 = { t: 'n', v: 0.25, z: '0.0%' }
  sheet.B2 = { t: 'n', v: 45_306.5, z: 'yyyy-mm-dd' }
  const book = utils.book_new()
  utils.book_append_sheet(book, sheet, 'One')
  utils.book_append_sheet(book, utils.aoa_to_sheet([[true, 'x', -1e300]]), 'Two')
  return new Uint8Array(write(book, { type: 'buffer', bookType }) as Uint8Array)
}

function docx(): Uint8Array {
  return zipOf({
    '_rels/.rels': relsOf({ r1: ['officeDocument', 'word/document.xml'] }),
    'word/_rels/document.xml.rels': relsOf({
      r1: ['hyperlink', 'https://x.example'],
      r2: ['footnotes', 'footnotes.xml'],
    }),
    'word/document.xml': `<w:document><w:body><w:p><w:pPr><w:pStyle w:val="Heading1"/></w:pPr><w:r><w:t>Title</w:t></w:r></w:p><w:p><w:hyperlink r:id="r1"><w:r><w:t>${wordsOfAll}</w:t></w:r></w:hyperlink><w:r><w:footnoteReference w:id="2"/></w:r></w:p><w:tbl><w:tr><w:tc><w:p><w:r><w:t>a</w:t></w:r></w:p></w:tc><w:tc><w:p/></w:tc></w:tr></w:tbl></w:body></w:document>`,
    'word/footnotes.xml':
      '<w:footnotes><w:footnote w:id="2"><w:p><w:r><w:t>note</w:t></w:r></w:p></w:footnote></w:footnotes>',
    'docProps/core.xml': '<cp:coreProperties><dc:title>T</dc:title></cp:coreProperties>',
  })
}

function pptx(): Uint8Array {
  return zipOf({
    '_rels/.rels': relsOf({ r1: ['officeDocument', 'ppt/presentation.xml'] }),
    'ppt/presentation.xml': '<p:presentation><p:sldIdLst><p:sldId id="256" r:id="r1"/></p:sldIdLst></p:presentation>',
    'ppt/_rels/presentation.xml.rels': relsOf({ r1: ['slide', 'slides/slide1.xml'] }),
    'ppt/slides/slide1.xml': `<p:sld><p:cSld><p:spTree><p:sp><p:nvSpPr><p:nvPr><p:ph type="title"/></p:nvPr></p:nvSpPr><p:txBody><a:p><a:r><a:t>Title</a:t></a:r></a:p></p:txBody></p:sp><p:sp><p:txBody><a:p><a:r><a:t>${wordsOfAll}</a:t></a:r></a:p></p:txBody></p:sp></p:spTree></p:cSld></p:sld>`,
  })
}

function openDocument(kind: 'text' | 'presentation', body: string): Uint8Array {
  return zipOf({
    mimetype: `application/vnd.oasis.opendocument.${kind}`,
    'content.xml': `<office:document-content><office:body><office:${kind}>${body}</office:${kind}></office:body></office:document-content>`,
    'meta.xml': '<office:document-meta><office:meta><dc:title>T</dc:title></office:meta></office:document-meta>',
  })
}

function epub(): Uint8Array {
  return zipOf({
    mimetype: 'application/epub+zip',
    'META-INF/container.xml': '<container><rootfiles><rootfile full-path="c.opf"/></rootfiles></container>',
    'c.opf':
      '<package><metadata><dc:title>T</dc:title></metadata><manifest><item id="a" href="a.xhtml" media-type="application/xhtml+xml"/></manifest><spine><itemref idref="a"/></spine></package>',
    'a.xhtml': `<html><body><h1>One</h1><p>${wordsOfAll}</p></body></html>`,
  })
}
