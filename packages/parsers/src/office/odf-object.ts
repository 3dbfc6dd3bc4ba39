import type { BlockWriter } from './blocks.ts'
import { Formula } from './formula.ts'
import type { OdfFile } from './odf.ts'
import type { OdfStyles } from './odf-styles.ts'
import { type OdfTextWalk, odfTextWalk } from './odf-text.ts'

const maxObjects = 500

/** Reads what is embedded as parts of its own: formulas come back as text, charts and sheets are written as tables. */
export function odfObjects(
  file: OdfFile,
  styles: OdfStyles,
  aside: () => BlockWriter,
): (path: string, into: BlockWriter) => string | undefined {
  let count = 0
  return (path, into) => {
    const folder = path.replace(/^\.?\/+|\/+$/g, '')
    if (folder === '' || !file.zip || count++ >= maxObjects) return undefined
    let formula: Formula | undefined
    let walk: OdfTextWalk | undefined
    file.scan(`${folder}/content.xml`, {
      open(name, attrs) {
        const local = name.slice(name.indexOf(':') + 1)
        if (formula) return formula.open(local, attrs)
        if (walk) return walk.open?.(name, attrs)
        if (local === 'math') formula = new Formula()
        else if (name === 'office:body')
          // What is embedded in it in turn stays out.
          walk = odfTextWalk(into, { styles, aside, onNote: () => {}, onComment: () => {} })
        return undefined
      },
      text(text) {
        if (formula) formula.text(text)
        else walk?.text?.(text)
      },
      close(name) {
        if (formula) formula.close(name.slice(name.indexOf(':') + 1))
        else walk?.close?.(name)
      },
    })
    return formula?.toString()
  }
}
