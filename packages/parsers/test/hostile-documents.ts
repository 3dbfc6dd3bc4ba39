import { deflateSync, gzipSync } from 'node:zlib'
import { zipSync } from 'fflate'
import { kinds } from '../src/kinds.ts'
import { makePdf, makePdfOf } from './make-pdf.ts'

export interface TestDocument {
  readonly filename: string
  readonly bytes: Uint8Array<ArrayBuffer>
}

const encoder = new TextEncoder()
const page = makePdf([[{ text: 'Ordinary words on a page.', size: 11, y: 700 }]])

function of(filename: string, content: string | Uint8Array): TestDocument {
  return { filename, bytes: typeof content === 'string' ? encoder.encode(content) : new Uint8Array(content) }
}

/** Documents that must come through whatever lies beside them; each has the text `Ordinary words`. */
export function ordinaryDocuments(count: number): readonly TestDocument[] {
  const samples: readonly ((index: number) => TestDocument)[] = [
    (index) => of(`${index}.md`, `# Title ${index}\n\nOrdinary words.\n`),
    (index) => of(`${index}.html`, `<html><body><h1>Title</h1><p>Ordinary words ${index}.</p></body></html>`),
    (index) => of(`${index}.csv`, `name,note\n${index},Ordinary words\n`),
    (index) => of(`${index}.json`, `{"note": "Ordinary words", "index": ${index}}`),
    (index) => of(`${index}.xml`, `<a><b>Ordinary words ${index}</b></a>`),
    (index) =>
      of(`${index}.txt`, `Ordinary words ${index}. ${'and more of them '.repeat(index % 10 === 0 ? 10_000 : 1)}`),
    (index) => of(`${index}.pdf`, page),
  ]
  return Array.from({ length: count }, (_, index) => samples[index % samples.length]!(index))
}

/** What has hung, filled or killed one parser or another. */
export function hostileDocuments(): readonly TestDocument[] {
  return [...nested(), ...endless(), ...bombs(), ...brokenPdfs(), ...strangers(), ...mutants(), ...misbehaving()]
}

function nested(): TestDocument[] {
  const deep = 300_000
  return [
    of('deep.html', `<p>x</p>${'<div>'.repeat(deep)}`),
    of('deep-tables.html', '<table><tr><td>'.repeat(deep / 3)),
    of('deep.json', `${'['.repeat(deep)}${']'.repeat(deep)}`),
    of('deep-objects.json', `${'{"a":'.repeat(deep)}1`),
    of('deep.ipynb', `{"cells":[{"cell_type":"markdown","source":${'['.repeat(deep)}${']'.repeat(deep)}}]}`),
    of('deep.xml', '<a>'.repeat(deep)),
    of('deep.md', `${'> '.repeat(deep)}x\n${'  '.repeat(1_000)}- x\n`),
    of('deep.rtf', `{\\rtf1 ${'{'.repeat(deep)}`),
    of('deep.yaml', `${'- '.repeat(deep)}x`),
  ]
}

function endless(): TestDocument[] {
  const size = 4_000_000
  return [
    of('line.txt', 'x'.repeat(size * 4)),
    of('spaces.txt', ' '.repeat(size)),
    of('line.md', '*_`[]('.repeat(size / 6)),
    of('links.md', '[a](b'.repeat(size / 5)),
    of('hashes.md', '#'.repeat(size)),
    of('newlines.md', 'a\n\n'.repeat(size / 3)),
    of('headings.md', '# a\n'.repeat(size / 4)),
    of('tags.html', '<'.repeat(size)),
    of('attributes.html', `<a ${'b="c" '.repeat(size / 6)}>x</a>`),
    of('entities.html', '&amp;'.repeat(size / 5)),
    of('comment.html', `<!--${'-'.repeat(size)}`),
    of('quote.csv', `a,b\n"${'x,\n'.repeat(size / 3)}`),
    of('columns.csv', ','.repeat(size)),
    of('string.json', `{"a":"${'\\u0041'.repeat(size / 6)}`),
    of('text.xml', `<a>${'&lt;'.repeat(size / 4)}`),
    of('attributes.xml', `<a ${Array.from({ length: 100_000 }, (_, index) => `a${index}="b"`).join(' ')}/>`),
    of('accents.txt', `a${'\u0301'.repeat(size / 4)}`),
    of('adornments.rst', `${'=\n'.repeat(size / 4)}`),
    of('code.js', `${'`'.repeat(size)}`),
    of('subject.eml', `From: a\nTo: b\nSubject: ${'x'.repeat(size)}\n\nhi`),
    of('headers.eml', `From: a\nTo: b\n${'x-a: b\n'.repeat(size / 7)}\nhi`),
  ]
}

function bombs(): TestDocument[] {
  const zeros = new Uint8Array(64 * 1024 * 1024)
  const laughs = Array.from({ length: 12 }, (_, index) => `<!ENTITY l${index + 1} "${`&l${index};`.repeat(10)}">`).join(
    '',
  )
  const bigEntity = `<!DOCTYPE a [<!ENTITY x "${'x'.repeat(100_000)}">]><a>${'&x;'.repeat(50_000)}</a>`
  const body = `<w:document xmlns:w="x"><w:body>${'<w:p><w:r><w:t>x</w:t></w:r></w:p>'.repeat(1_000_000)}`
  const layers = Array.from({ length: 6 }).reduce<Uint8Array>(
    (inner) => zipSync({ 'inner.zip': inner, 'again.zip': inner }),
    zipSync({ 'a.txt': encoder.encode('deep') }),
  )
  return [
    of('laughs.xml', `<!DOCTYPE x [<!ENTITY l0 "lol">${laughs}]><x>&l12;</x>`),
    of('blowup.xml', bigEntity),
    of(
      'anchors.yaml',
      `a: &a [x]\n${Array.from({ length: 30 }, (_, index) => `k${index}: &b${index} [*a,*a,*a,*a]`).join('\n')}`,
    ),
    of('bomb.zip', zipSync({ 'a.txt': zeros, 'b.txt': zeros, 'c.txt': zeros })),
    of('nested.zip', layers),
    of(
      'many.zip',
      zipSync(Object.fromEntries(Array.from({ length: 20_000 }, (_, index) => [`${index}.txt`, new Uint8Array(0)]))),
    ),
    of('bomb.gz', gzipSync(gzipSync(zeros))),
    of(
      'bomb.docx',
      zipSync({ '[Content_Types].xml': encoder.encode('<Types/>'), 'word/document.xml': encoder.encode(body) }),
    ),
    of('bomb.xlsx', zipSync({ '[Content_Types].xml': encoder.encode('<Types/>'), 'xl/workbook.xml': zeros })),
    of(
      'bomb.odt',
      zipSync({
        mimetype: [encoder.encode('application/vnd.oasis.opendocument.text'), { level: 0 }],
        'content.xml': zeros,
      }),
    ),
    of('bomb.pdf', pdfWithStream(deflateSync(zeros))),
  ]
}

function brokenPdfs(): TestDocument[] {
  const cuts = Array.from({ length: 20 }, (_, index) =>
    of(`cut-${index}.pdf`, page.subarray(0, Math.floor((page.length * index) / 20))),
  )
  const source = Buffer.from(page).toString('latin1')
  const changed = (name: string, from: string, to: string): TestDocument =>
    of(name, Buffer.from(source.replace(from, to), 'latin1'))
  return [
    ...cuts,
    changed('count.pdf', '/Count 1', '/Count 999999999'),
    changed('loop.pdf', '/Kids [5 0 R]', '/Kids [2 0 R 2 0 R 2 0 R]'),
    changed('huge-length.pdf', '/Length ', '/Length 99999999'),
    changed('huge-page.pdf', '612 792', '1e38 1e38'),
    of('repeats.pdf', makePdfOf([`BT /F1 9 Tf ${'(some words that are said again) Tj T* '.repeat(100_000)} ET`])),
    of('states.pdf', makePdfOf([`${'q '.repeat(500_000)} BT /F1 9 Tf (x) Tj ET`])),
  ]
}

function pdfWithStream(compressed: Uint8Array): Uint8Array {
  const content = Buffer.from(compressed).toString('latin1')
  const file = Buffer.from(makePdfOf([content])).toString('latin1')
  return Buffer.from(
    file.replace(`/Length ${content.length}`, `/Length ${content.length} /Filter /FlateDecode`),
    'latin1',
  )
}

/** Noise, zeros and nothing under each format's name. */
function strangers(): TestDocument[] {
  const names = Object.entries(kinds).map(([, { extensions }]) => extensions[0])
  const noise = new Uint8Array(20_000)
  for (let index = 0, state = 1; index < noise.length; index++) {
    state = (Math.imul(state, 1103515245) + 12345) >>> 0
    noise[index] = state >>> 16
  }
  return names.flatMap((extension) => [
    of(`noise.${extension}`, noise),
    of(`zeros.${extension}`, new Uint8Array(5_000)),
    of(`empty.${extension}`, ''),
    of(`zip.${extension}`, Uint8Array.from([0x50, 0x4b, 3, 4, ...noise.subarray(0, 500)])),
    of(
      `ole.${extension}`,
      Uint8Array.from([0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1, ...noise.subarray(0, 3000)]),
    ),
    of(`pdf.${extension}`, Uint8Array.from([...encoder.encode('%PDF-1.7\n'), ...noise.subarray(0, 3000)])),
  ])
}

function mutants(): TestDocument[] {
  let state = 42
  const next = (below: number): number => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return Math.floor((state / 4294967296) * below)
  }
  return ordinaryDocuments(7).flatMap(({ filename, bytes }) =>
    Array.from({ length: 20 }, (_, round) => {
      const changed = bytes.slice()
      for (let count = 0; count <= round; count++) changed[next(changed.length)] = next(256)
      return { filename: `mutant-${round}-${filename}`, bytes: changed }
    }),
  )
}

/** By the formats of `hostile-formats.ts`. */
function misbehaving(): TestDocument[] {
  const names = [
    'loops',
    'hangs',
    'fills-heap',
    'grows-array',
    'grows-doubles',
    'grows-map',
    'grows-string',
    'fills-buffers',
    'exits',
    'throws',
    'throws-undefined',
    'throws-late',
    'throws-beside',
    'rejects-beside',
    'writes-forever',
    'recurses',
    'bears-itself',
  ]
  return names.map((name) => of(`hostile.${name}`, 'Ordinary words'))
}
