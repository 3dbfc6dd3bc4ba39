import type { Block } from './blocks.ts'
import { isConjunction } from './letters.ts'

/** Whether the hyphen at the end of a line goes when the next one is put behind it. */
export type DropsHyphen = (before: string, text: string) => boolean

/**
 * Whether the hyphen belongs to the word, the rest of the document shows: it has the word in one of both forms.
 * Where it does not, small letters go on and capitals begin a part of its own.
 */
export function hyphenRule(pages: readonly (readonly Block[])[]): DropsHyphen {
  let known: ReadonlySet<string> | undefined
  return (before, text) => {
    if (!before.endsWith('-')) return false
    const left = /[\p{L}\p{N}]*$/u.exec(before.slice(-60, -1))?.[0] ?? ''
    const right = /^[\p{L}\p{N}]+/u.exec(text.slice(0, 60))?.[0] ?? ''
    known ??= wordsOf(pages)
    const isWhole = known.has(`${left}${right}`.toLowerCase())
    return isWhole || (!isConjunction(text) && !known.has(`${left}-${right}`.toLowerCase()) && /^\p{Ll}/u.test(right))
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
