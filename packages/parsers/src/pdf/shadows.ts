import type { Run } from './runs.ts'

/** So many runs lie between text and a part of it that is printed again at most. */
const maxBetween = 4
/** How far a shadow falls, in heights of the letters. */
const offset = 0.2
/** Dots, bars and accents of formulas stand over others by themselves. */
const minChars = 3
const maxSame = 20

/** Runs but those that are printed a second time over another: for bold letters, for a shadow, or a whole page over itself. */
export function withoutShadows(runs: readonly Run[]): readonly Run[] {
  const shadows = new Set<Run>()
  const known = new Map<string, Run[]>()
  for (const [at, run] of runs.entries()) {
    const same = run.text.length < minChars ? undefined : known.get(run.text)
    if (same === undefined) known.set(run.text, [run])
    else if (same.some((other) => covers(other, run))) {
      shadows.add(run)
      continue
    } else if (same.length < maxSame) same.push(run)
    for (let back = 1; back <= maxBetween && back <= at; back++) {
      const other = runs[at - back]!
      const shadow = covers(other, run) ? run : covers(run, other) ? other : undefined
      if (shadow === undefined || shadows.has(other)) continue
      shadows.add(shadow)
      break
    }
  }
  return shadows.size === 0 ? runs : runs.filter((run) => !shadows.has(run))
}

function covers(run: Run, shadow: Run): boolean {
  const far = shadow.size * offset
  return (
    Math.abs(shadow.bottom - run.bottom) < far &&
    shadow.left > run.left - far &&
    shadow.right < run.right + far &&
    shadow.turn === run.turn &&
    Math.abs(shadow.size - run.size) < run.size * 0.1 &&
    (run.text === shadow.text || (shadow.text.length >= minChars && run.text.includes(shadow.text)))
  )
}
