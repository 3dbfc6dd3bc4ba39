import { describe, expect, it } from 'vitest'
import { type Run, RunWriter } from './runs.ts'

const size = 10
const width = 5

/** Letters of `text` beside each other; before each that follows a `|` lies a gap of `gap` points, but no space. */
function write(text: string, gap: number, from: 'left' | 'right' = 'left'): Run[] {
  const writer = new RunWriter([])
  let x = 100
  const step = from === 'left' ? 1 : -1
  for (const letter of text) {
    if (letter === '|') x += gap * step
    else {
      const left = from === 'left' ? x : x - width
      writer.add({
        code: letter.charCodeAt(0),
        left,
        right: left + width,
        top: 100 + size,
        bottom: 100,
        size,
        turn: 0,
        tag: undefined,
        bold: false,
        mono: false,
        object: letter === ' ' ? 0 : 1,
      })
      x += width * step
    }
  }
  return writer.finish()
}

describe('runs of letters', () => {
  it('have the spaces that only the places of their letters show', () => {
    const [run] = write('called like|a|simple command', 2.5)
    expect(run?.text).toBe('called like a simple command')
    const words = run?.spaces.filter((_, index) => index % 3 === 0).map((at) => run.text[at])
    expect(words).toEqual([' ', ' ', ' ', ' '])
  })

  it('have none where all letters are set apart', () => {
    expect(write('A|P|A|R|T', 2.5).map(({ text }) => text)).toEqual(['APART'])
  })

  it('end at a wide gap behind a space', () => {
    expect(write('left |right', 20).map(({ text }) => text)).toEqual(['left', 'right'])
  })

  it('are turned round where right-to-left letters were written from the left', () => {
    expect(write('\u05d0\u05d1 12\u05d2', 0, 'right')[0]?.text).toBe('\u05d0\u05d1 12\u05d2')
    expect(write('(\u05d2\u05d1 12 \u05d0', 0)[0]?.text).toBe('\u05d0 12 \u05d1\u05d2)')
  })
})
