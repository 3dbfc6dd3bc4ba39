import type { Chunk } from '@cx/core/engine'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { chunkMarkdown } from './chunk.ts'

const target = 2048

function whole(chunks: readonly Chunk[]): string {
  return chunks.map(({ text, overlap }) => text.slice(overlap)).join('')
}

const word = fc.constantFrom(
  'river',
  'a',
  'Übermaß',
  '日本語',
  'naïve',
  '👩‍👩‍👧‍👦',
  '🇩🇪',
  'e\u0301',
  'end.',
  'why?',
  '。',
  'a\u200d',
)
const sentence = fc.array(word, { minLength: 1, maxLength: 60 }).map((words) => words.join(' '))
const joined = fc.array(word, { minLength: 1, maxLength: 900 }).map((words) => words.join(''))
const block = fc.oneof(
  { weight: 4, arbitrary: sentence },
  { weight: 1, arbitrary: joined },
  fc.tuple(fc.integer({ min: 1, max: 7 }), sentence).map(([level, text]) => `${'#'.repeat(level)} ${text}`),
  fc.array(sentence, { maxLength: 40 }).map((items) => items.map((item) => `- ${item}`).join('\n')),
  fc.array(sentence, { maxLength: 60 }).map((rows) => rows.map((row) => `| ${row} | 1 |`).join('\n')),
  fc.array(sentence, { maxLength: 60 }).map((lines) => `\`\`\`js\n${lines.join('\n')}\n\`\`\``),
  fc.constantFrom('', '```', '\r\n', '   ', '\t', '#', '|'),
  fc.string({ unit: 'binary', maxLength: 200 }),
)
const document = fc
  .array(fc.tuple(block, fc.constantFrom('\n', '\n\n', '\n\n\n', '\r\n')), { maxLength: 60 })
  .map((blocks) => blocks.flat().join(''))

describe('chunkMarkdown', () => {
  it('gives exact slices that cover any text, none over the hard limit, overlaps repeating the chunk before', () => {
    fc.assert(
      fc.property(document, (markdown) => {
        const chunks = chunkMarkdown(markdown)
        expect(whole(chunks)).toBe(markdown)
        for (const [index, { text, overlap }] of chunks.entries()) {
          expect(text.length).toBeGreaterThan(overlap)
          expect(text.length).toBeLessThanOrEqual(target * 4)
          const before = chunks[index - 1]?.text ?? ''
          expect(before.endsWith(text.slice(0, overlap))).toBe(true)
        }
      }),
      { numRuns: 300 },
    )
  })

  it('never begins or ends within a grapheme', () => {
    fc.assert(
      fc.property(document, (markdown) => {
        const boundaries = new Set(
          [...new Intl.Segmenter(undefined, { granularity: 'grapheme' }).segment(markdown)].map(({ index }) => index),
        )
        let position = 0
        for (const { text, overlap } of chunkMarkdown(markdown, { targetTokens: 32, overlapTokens: 8 })) {
          expect(boundaries.has(position)).toBe(true)
          expect(boundaries.has(position - overlap)).toBe(true)
          position += text.length - overlap
        }
      }),
      { numRuns: 200 },
    )
  })

  it.each([
    ['one endless word', 'x'.repeat(300_000)],
    ['one endless line', 'word and another, '.repeat(20_000)],
    ['endless Japanese', '東京都は日本の首都です。'.repeat(20_000)],
    ['endless families', '👩‍👩‍👧‍👦'.repeat(20_000)],
    ['one letter with endless accents', `a${'\u0301'.repeat(100_000)}`],
    ['an open fence', `\`\`\`\n${'x'.repeat(200_000)}`],
    ['a table without end', '| a | b |\n'.repeat(40_000)],
  ])('cuts %s below the hard limit', (_, markdown) => {
    const chunks = chunkMarkdown(markdown)
    expect(whole(chunks)).toBe(markdown)
    expect(Math.max(...chunks.map(({ text }) => text.length))).toBeLessThanOrEqual(target * 4)
    expect(chunks.length).toBeLessThan((markdown.length / target) * 2)
  })

  it('keeps tables and code whole where they fit', () => {
    const prose = 'A sentence that fills the page. '.repeat(40)
    const table = `| name | value |\n| --- | --- |\n${'| some name | some value |\n'.repeat(100)}`
    const code = `\`\`\`ts\n${'const value = compute()\n\n'.repeat(100)}\`\`\`\n`
    const chunks = chunkMarkdown(`# Title\n\n${prose}\n\n${table}\n${prose}\n\n${code}\n${prose}\n`)
    expect(chunks.some(({ text }) => text.includes(table))).toBe(true)
    expect(chunks.some(({ text }) => text.includes(code))).toBe(true)
  })

  it('cuts code that does not fit before a line at the margin', () => {
    const markdown = `\`\`\`ts\n${'function compute() {\n  const value = 1\n  return value\n}\n\n'.repeat(300)}\`\`\`\n`
    const chunks = chunkMarkdown(markdown)
    expect(chunks.length).toBeGreaterThan(5)
    for (const { text, overlap } of chunks.slice(1)) expect(text.slice(overlap).startsWith('function')).toBe(true)
  })

  it('gives the heading path and the page', () => {
    const prose = 'Words and words and more of them. '.repeat(30)
    const first = `# Guide\n\n## Setup\n\n${prose}\n\n`
    const second = `### Linux\n\n${prose}\n\n## Use\n\n${prose}\n`
    const chunks = chunkMarkdown(first + second, { pageOffsets: [0, first.length] })
    expect(chunks.map(({ headings, page }) => [headings, page])).toEqual([
      [['Guide', 'Setup'], 1],
      [['Guide', 'Setup', 'Linux'], 2],
      [['Guide', 'Use'], 2],
    ])
  })

  it('takes underlined lines for headings, and no comments in code or front matter', () => {
    const prose = 'Words and words and more of them. '.repeat(30)
    const front = '---\ntitle: x\n# a comment\n---\n'
    const chunks = chunkMarkdown(
      `${front}\n[Guide](x.md) to **C#**\n=====\n\n${prose}\n\n    # indented code\n\nSetup ##\n-----\n\n${prose}\n\n- a\n---\n\nx | y\n--- | ---\n`,
    )
    expect(chunks.map(({ headings }) => headings)).toEqual([['Guide to C#'], ['Guide to C#', 'Setup ##']])
  })

  it('takes no block of comments for headings', () => {
    const license = '# Licensed to you\n# under a license\n# with these words\n# and more\n'
    const chunks = chunkMarkdown(`${license}a=1\n\n# Two\n# lines\n\n${'text and more. '.repeat(200)}\n`)
    expect(chunks.slice(0, 2).map(({ headings }) => headings)).toEqual([[], ['lines']])
    expect(chunkMarkdown(license)[0]?.headings).toEqual([])
  })

  it.each([
    ['## `cx` **sync** [here](https://example.com/a) ##', 'cx sync here'],
    ['# C#', 'C#'],
    ['# <a name="x"></a>Use \\*stars\\* {#use .big}', 'Use *stars*'],
    ['# ![only](picture.png)', '![only](picture.png)'],
    ['# 2 * 3 * 4', '2 * 3 * 4'],
    ['# `Map<string, T>`', 'Map<string, T>'],
  ])('reads the heading %s', (line, expected) => {
    expect(chunkMarkdown(`${line}\n\ntext\n`)[0]?.headings).toEqual([expected])
  })

  it('joins small sections under what their headings have in common', () => {
    const [only, ...others] = chunkMarkdown('# A\n\n## B\n\nshort\n\n## C\n\nshort too\n')
    expect(others).toEqual([])
    expect(only?.headings).toEqual(['A'])
  })

  it('is no heading inside a fence', () => {
    const chunks = chunkMarkdown(`# Real\n\n\`\`\`sh\n${'# comment\necho 1\n\n'.repeat(300)}\`\`\`\n`)
    expect(new Set(chunks.map(({ headings }) => headings.join('/')))).toEqual(new Set(['Real']))
  })
})

describe('an edit', () => {
  const random = mulberry(7)
  const paragraph = (): string =>
    Array.from({ length: 30 + random() * 90 }, () => `w${Math.floor(random() * 5000)}`).join(' ')
  const section = (index: number, paragraphs: number): string =>
    `## Section ${index}\n\n${Array.from({ length: paragraphs }, paragraph).join('\n\n')}\n\n`

  it('leaves the chunks of other sections as they are', () => {
    const sections = Array.from({ length: 60 }, (_, index) => section(index, 3 + Math.floor(random() * 20)))
    const before = chunkMarkdown(sections.join(''))
    const edited = sections.with(20, sections[20]!.replace('w', 'Some longer words were put here. w'))
    const after = chunkMarkdown(edited.join(''))
    const of = (chunks: readonly Chunk[]): readonly Chunk[] =>
      chunks.filter(({ headings }) => headings[0] !== 'Section 20')
    expect(of(after)).toEqual(of(before))
    expect(changed(before, after)).toBeGreaterThan(0)
  })

  it('soon has the same cuts again in a text without headings', () => {
    const paragraphs = Array.from({ length: 2_000 }, paragraph)
    const before = chunkMarkdown(paragraphs.join('\n\n'))
    expect(before.length).toBeGreaterThan(300)
    let total = 0
    for (let round = 0; round < 20; round++) {
      const at = Math.floor(random() * paragraphs.length)
      total += changed(before, chunkMarkdown(paragraphs.with(at, `${paragraph()} ${paragraph()}`).join('\n\n')))
    }
    expect(total / 20).toBeLessThan(8)
  })

  it('soon has the same cuts again in one line without end, and among small sections', () => {
    const line = Array.from({ length: 100_000 }, () => `w${Math.floor(random() * 5000)}`).join(' ')
    expect(
      changed(chunkMarkdown(line), chunkMarkdown(`${line.slice(0, 1000)}inserted ${line.slice(1000)}`)),
    ).toBeLessThan(10)
    const small = Array.from(
      { length: 500 },
      (_, index) => `## Item ${index}\n\n${paragraph().slice(0, 40 + random() * 200)}\n\n`,
    )
    const edited = small.with(100, `## Item 100\n\n${paragraph()}\n\n`)
    expect(changed(chunkMarkdown(small.join('')), chunkMarkdown(edited.join('')))).toBeLessThan(12)
  })
})

function changed(before: readonly Chunk[], after: readonly Chunk[]): number {
  const old = new Set(before.map(({ text, headings }) => `${headings.join('/')}\n${text}`))
  return after.filter(({ text, headings }) => !old.has(`${headings.join('/')}\n${text}`)).length
}

function mulberry(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296
  }
}
