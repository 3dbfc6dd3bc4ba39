import type { Value } from './annotations.ts'
import type { Run } from './runs.ts'

/** More comparisons than this are not worth it: values then stand behind the page's text. */
const maxComparisons = 2_000_000

/** Values of fields in which nothing stands. */
export function undrawn(values: readonly Value[], drawn: readonly Run[]): readonly Run[] {
  if (values.length * drawn.length > maxComparisons) return []
  const isEmpty = ({ run, top, bottom }: Value): boolean =>
    !drawn.some((one) => {
      const middle = (one.top + one.bottom) / 2
      return one.left < run.right && one.right > run.left && middle > bottom && middle < top
    })
  return values.filter(isEmpty).map(({ run }) => run)
}

/** Puts each value of a form behind the text that stands left of it on its height, or else right above it. */
export function putFields(runs: readonly Run[], fields: readonly Run[]): readonly Run[] {
  if (runs.length * fields.length > maxComparisons) return [...runs, ...fields]
  const behind = new Map<Run, Run[]>()
  const rest: Run[] = []
  for (const field of fields) {
    const label = labelOf(runs, field)
    if (label === undefined) rest.push(field)
    else if (behind.has(label)) behind.get(label)!.push(field)
    else behind.set(label, [field])
  }
  return [...runs.flatMap((run) => [run, ...(behind.get(run) ?? [])]), ...rest]
}

function labelOf(runs: readonly Run[], field: Run): Run | undefined {
  let best: Run | undefined
  let least = Number.POSITIVE_INFINITY
  for (const run of runs) {
    if (run.turn !== field.turn) continue
    const overlap = Math.min(run.top, field.top) - Math.max(run.bottom, field.bottom)
    const beside = overlap > Math.min(run.size, field.size) * 0.5
    const above = run.bottom - field.bottom
    const distance =
      beside && run.left <= field.left
        ? Math.max(field.left - run.right, 0)
        : above > 0 && above < field.size * 2.5 && run.left < field.right && run.right > field.left
          ? // What stands beside it comes first.
            1e6 + above
          : Number.POSITIVE_INFINITY
    if (distance < least) {
      best = run
      least = distance
    }
  }
  return best
}
