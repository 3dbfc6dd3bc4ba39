import type { Block } from './blocks.ts'

/** Puts the two halves of a word that a line break parted together. */
export type JoinWord = (before: string, text: string) => string

/**
 * Whether the hyphen belongs to the word, the rest of the document shows: it has the word in one of both forms.
 * Where it does not, small letters go on and capitals begin a part of its own.
 */
export function wordJoiner(pages: readonly (readonly Block[])[]): JoinWord {
  let known: ReadonlySet<string> | undefined
  return (before, text) => {
    if (!before.endsWith('-')) return before + text
    const left = /[\p{L}\p{N}]*$/u.exec(before.slice(-60, -1))?.[0] ?? ''
    const right = /^[\p{L}\p{N}]+/u.exec(text.slice(0, 60))?.[0] ?? ''
    known ??= wordsOf(pages)
    const whole = `${left}${right}`.toLowerCase()
    const parted = `${left}-${right}`.toLowerCase()
    const glue = known.has(whole) || (!known.has(parted) && /^\p{Ll}/u.test(right))
    return glue ? before.slice(0, -1) + text : before + text
  }
}

/** Words, and pairs of those that hyphens join; the halves of a line break are left out. */
function wordsOf(pages: readonly (readonly Block[])[]): ReadonlySet<string> {
  const words = new Set<string>()
  for (const blocks of pages)
    for (const block of blocks) {
      if (block.kind !== 'line') continue
      const text = block.hyphen ? block.text.slice(0, block.text.lastIndexOf(' ') + 1) : block.text
      for (const [compound] of text.toLowerCase().matchAll(/[\p{L}\p{N}]+(?:-[\p{L}\p{N}]+)*/gu)) {
        if (!compound.includes('-')) words.add(compound)
        else {
          const parts = compound.split('-')
          for (let index = 1; index < parts.length; index++) words.add(`${parts[index - 1]}-${parts[index]}`)
        }
      }
    }
  return words
}
