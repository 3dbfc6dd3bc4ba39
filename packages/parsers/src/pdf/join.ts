import type { Line } from './blocks.ts'
import { joint } from './letters.ts'
import type { Style } from './style.ts'

/** `before`, which ends in the line `last`, and the text that goes on there. */
export function joinLines(before: string, last: Line, text: string, style: Style): string {
  if (!last.hyphen) return before + joint(before, text) + text
  return style.dropsHyphen(before, text) ? before.slice(0, -1) + text : before + joint(before, text) + text
}
