import { describe, expect, it } from 'vitest'
import { compoundOf, refusal, run } from '../../test/make-documents.ts'
import { ppt4Stream, ppt95Stream, pptStreams, styledPpt } from '../../test/make-ppt.ts'
import { ppt } from './ppt.ts'

describe('ppt', () => {
  const { stream, user } = pptStreams()

  it('takes slides in order with titles, lists and notes', async () => {
    const output = await run(ppt, compoundOf({ 'PowerPoint Document': stream, 'Current User': user }))
    expect(output.markdown).toBe(
      '## Slide 1: First\n\na [box](https://x.example)\n\n| a | b |\n| --- | --- |\n| 1 | x\\|y |\n\nExample Ltd\n\nFor all\n\n**Notes:** Speak up\n\n> Comment (Ann): Why so?\n\n## Slide 2: From outline\n\nhead\n\n- one\n  - two\n\n> Comment (Ann): Why so?',
    )
    expect(output).toMatchObject({ pages: 2, title: 'First', language: 'de' })
  })

  it('numbers items, keeps emphasis, and shows what symbol fonts show', async () => {
    const looks = [
      { length: 4, numbering: 1 },
      { length: 3, numbering: 1, look: 1 },
      { length: 7 },
      { length: 1, numbering: 1, symbols: 0 },
      { length: 6, numbering: 1, look: 2 },
    ]
    const { stream, user } = styledPpt('one\rtwo plain\r\uf0fcthree', looks, [undefined, 2])
    const { markdown } = await run(ppt, compoundOf({ 'PowerPoint Document': stream, 'Current User': user }))
    expect(markdown).toBe('## Slide 1\n\n- b) one\n- c) **two** plain\n- d) ✓*three*')
  })

  it('says which slides the show leaves out', async () => {
    const { stream, user } = pptStreams({ hidesSecond: true })
    const output = await run(ppt, compoundOf({ 'PowerPoint Document': stream, 'Current User': user }))
    expect(output.metadata).toEqual({ hiddenSlides: [2] })
    // Footers and what masters show stand where they first appear.
    expect(output.markdown.match(/Example Ltd.*|A red barn|For all|Of its own|Click to edit|## Slide/g)).toEqual([
      '## Slide',
      'Example Ltd',
      'For all',
      '## Slide',
      'A red barn',
      'Of its own',
    ])
  })

  it('reads PowerPoint 95, and of a file for both versions the part for the later one', async () => {
    const old = ppt95Stream()
    const output = await run(ppt, compoundOf({ 'PowerPoint Document': old }))
    expect(output.markdown).toBe(
      '## Slide 1: Old “title”\n\n- one\n- two\n\n**Notes:** Said aloud\n\n## Slide 2\n\nin a group',
    )
    expect(output.pages).toBe(2)
    const both = compoundOf({
      'PowerPoint Document': old,
      'PP97_DUALSTORAGE/PowerPoint Document': stream,
      'PP97_DUALSTORAGE/Current User': user,
    })
    expect((await run(ppt, both)).markdown).toContain('## Slide 1: First')
  })

  it('reads the slides of PowerPoint 4 with their notes', async () => {
    const stream = ppt4Stream(
      [['No'], ['1']],
      [
        ['Q\rand A', 'Why\x92s that?'],
        ['Wait', '2'],
      ],
    )
    const { markdown, pages } = await run(ppt, compoundOf({ PP40: stream }))
    expect(markdown).toBe('## Slide 1\n\nQ\n\nand A\n\nWhy’s that?\n\n**Notes:** Wait\n\n## Slide 2\n\nNo')
    expect(pages).toBe(2)
    expect(await refusal(ppt, compoundOf({ PP40: Buffer.alloc(5000, 1) }))).toMatch(/^corrupt: .*PowerPoint 4/)
  })

  it('takes all text when the list of slides is damaged, and says when it is locked', async () => {
    const { markdown } = await run(ppt, compoundOf({ 'PowerPoint Document': stream }))
    for (const text of ['First', 'a box', '- one', 'Speak up']) expect(markdown).toContain(text)
    const locked = Buffer.from(user)
    locked.writeUInt32LE(0xf3d1c4df, 12)
    expect(await refusal(ppt, compoundOf({ 'PowerPoint Document': stream, 'Current User': locked }))).toMatch(
      /^encrypted/,
    )
    expect(await refusal(ppt, compoundOf({ Other: stream }))).toMatch(/^corrupt: .*no PowerPoint Document/)
  })
})
