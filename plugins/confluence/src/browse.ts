import type { BrowseItem } from '@cx/core'
import type { Running } from './session.ts'

/** Spaces, whose keys go into the configuration, and the trees of their pages to recognise them by. */
export async function* children(path: string, { session, signal }: Running): AsyncGenerator<BrowseItem, void, void> {
  const { wiki } = await session.site(signal)
  if (path === '') {
    for await (const some of wiki.spaces(undefined, { signal }))
      for (const { key, name, archived } of some)
        yield { path: key, title: archived ? `${name} (archived)` : name, hasChildren: true, selectable: true }
    return
  }
  const slash = path.indexOf('/')
  const [key, pageId] = slash < 0 ? [path, undefined] : [path.slice(0, slash), path.slice(slash + 1)]
  for await (const some of wiki.spaces([key], { signal }))
    for (const space of some)
      for await (const pages of wiki.children(space, pageId, { signal }))
        for (const { id, title } of pages)
          yield { path: `${key}/${id}`, title: title || id, hasChildren: true, selectable: false }
}
