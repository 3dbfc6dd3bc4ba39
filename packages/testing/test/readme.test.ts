import { expect, test } from 'vitest'
import { renderReadme } from './law-table.ts'

test('the README shows the tested example and every law (node --conditions=cx-source test/law-table.ts --write)', () => {
  const { is, should } = renderReadme()
  expect(unaligned(is)).toBe(unaligned(should))
})

/** Biome aligns the columns of Markdown tables. */
function unaligned(text: string): string {
  return text
    .replace(/ +\|/g, ' |')
    .replace(/-{3,}/g, '---')
    .replace(/\| ---/g, '|---')
    .replace(/--- \|/g, '---|')
}
