import type { BrowseItem } from '@cx/core'
import type { Session } from './session.ts'

/** Objects that hold what other objects own, or the system's own. */
const technical = /(?:Share|History|Feed|ChangeEvent|Tag|__mdt|__e|__b|__x|__kav|__ViewStat|__VoteStat)$/

/** The objects that can be named in the configuration, by label. */
export async function* children(
  session: Session,
  path: string,
  signal: AbortSignal,
): AsyncGenerator<BrowseItem, void, void> {
  if (path !== '') return
  const objects = [...(await session.schema.objects(signal)).values()]
  const fit = objects.filter(
    (one) => one.queryable && !one.deprecatedAndHidden && one.layoutable !== false && !technical.test(one.name),
  )
  fit.sort((a, b) => a.label.localeCompare(b.label) || (a.name < b.name ? -1 : 1))
  for (const { name, label } of fit)
    yield { path: name, title: label === name ? name : `${label} (${name})`, hasChildren: false, selectable: true }
}
