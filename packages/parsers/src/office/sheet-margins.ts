import type { Margins } from './margins.ts'

const most = 1000

/**
 * Hears a sheet's header or footer as it is written, `&L&"Arial,Bold"&12Left&CPage &P` (ECMA-376 part 1, 18.3.1.46):
 * what stands left, in the middle and right are texts of their own, and so are lines.
 */
export function addSheetMargin(code: string, margins: Margins): void {
  let text = ''
  let numbered = false
  const end = (): void => {
    margins.add(text.trim().split(/\s+/).join(' '), numbered)
    text = ''
    numbered = false
  }
  for (const [piece] of code.slice(0, most).matchAll(pieces)) {
    if (!piece.startsWith('&')) {
      const lines = piece.split('\n')
      text += lines[0]
      for (const line of lines.slice(1)) {
        end()
        text = line
      }
    } else if (piece === '&&') text += '&'
    else if (/^&[LCR]$/i.test(piece)) end()
    else if (/^&\[?[PN]/i.test(piece)) numbered = true
  }
  end()
}

/** A font, a colour, a size, a page's number with what is added to it, a name as people type it, any other code, or text. */
const pieces = /&"[^"]*"?|&K(?:[0-9a-f]{6}|\d\d[+-]\d{3})|&\d+|&[PN](?:[+-]\d+)?|&\[[^\]]*\]?|&.|[^&]+/gis
