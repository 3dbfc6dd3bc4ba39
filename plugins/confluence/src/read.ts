import { ConnectorError, type Content, type Entry } from '@cx/core'
import { htmlToMarkdown } from '@cx/core/markdown'
import { commentsOf } from './comments.ts'
import { statusesOf } from './config.ts'
import type { Ref } from './entries.ts'
import { statusOf } from './errors.ts'
import { pageMarkdown } from './page.ts'
import { type ContentJson, userIdOf } from './search.ts'
import type { Running } from './session.ts'
import { mentionsIn, parseStorage, renderStorage } from './storage/index.ts'

export async function readEntry(entry: Entry, run: Running): Promise<Content> {
  const ref = entry.ref as Ref | undefined
  try {
    return await (ref?.k === 'attachment' ? readAttachment(entry, ref, run) : readPage(entry, ref, run))
  } catch (error) {
    // What Confluence takes exception to is this one document, and not the configuration.
    if (statusOf(error) !== 400) throw error
    throw new ConnectorError('unprocessable', (error as Error).message, { cause: error })
  }
}

async function readPage(entry: Entry, ref: Ref | undefined, run: Running): Promise<Content> {
  const { session, config, signal } = run
  const site = await session.site(signal)
  const kind = ref?.k === 'blogpost' ? 'blogpost' : 'page'
  const { row, html, labels } = await (await session.bodies(signal)).read(entry.id, kind, { signal })
  if (!(statusesOf(config) as readonly string[]).includes(row.status))
    throw new ConnectorError('not_found', `${entry.title ?? entry.id} is ${row.status} now.`)
  const comments = config.includeComments ? await commentsOf(site.wiki, entry.id, { signal }) : []
  const spaceKey = String(entry.metadata?.spaceKey ?? '')
  const texts = [html, ...comments.map((one) => one.body?.storage?.value ?? '')]
  const parsed = texts.map((text, i) => (i === 0 && config.bodySource === 'view' ? undefined : parseStorage(text)))
  const people = await session.people(signal)
  const authors = comments.map((one) => authorOf(one).id)
  const known = await people.of(
    parsed.flatMap((nodes) => (nodes ? mentionsIn(nodes) : [])),
    { signal },
  )
  const place = { web: site.web, spaceKey, pageId: entry.id, nameOf: (id: string) => known.get(id)?.name }
  const [body = '', ...answers] = parsed.map((nodes) => (nodes ? renderStorage(nodes, place) : htmlToMarkdown(html)))
  const text = pageMarkdown({
    title: row.title,
    labels,
    body,
    comments: comments.map((one, i) => ({
      author: authorOf(one).name ?? authors[i] ?? '',
      at: one.history?.createdDate ?? one.version?.when,
      about: one.extensions?.inlineProperties?.originalSelection,
      depth: one.ancestors?.length ?? 0,
      body: answers[i] ?? '',
    })),
  })
  return {
    body: text,
    mimeType: 'text/markdown',
    filename: `${row.title.replaceAll('/', '\u2215')}.md`,
    title: row.title,
  }
}

function authorOf({ history, version }: ContentJson): { readonly id: string; readonly name: string | undefined } {
  const by = history?.createdBy ?? version?.by
  return { id: by ? userIdOf(by) : '', name: by?.displayName || by?.publicName }
}

async function readAttachment(
  entry: Entry,
  ref: Extract<Ref, { k: 'attachment' }>,
  { session, signal }: Running,
): Promise<Content> {
  const { wiki } = await session.site(signal)
  // The link of the listing wants cookies in the cloud; this call redirects to a signed address, which gets no token.
  const path = ref.url ?? `rest/api/content/${ref.in}/child/attachment/${encodeURIComponent(entry.id)}/download`
  const { body, contentType } = await wiki.client.file(path, { signal, headers: { accept: '*/*' } })
  // Data Center leads to its sign-in page where a way in is good for the API alone.
  if (contentType?.startsWith('text/html') && entry.mimeType !== undefined && !entry.mimeType.includes('html')) {
    await body.cancel()
    throw new ConnectorError('forbidden', 'Confluence answered with a page instead of the attachment.', {
      remediation: 'Use a personal access token, and check that this account may view the page.',
    })
  }
  return {
    body,
    mimeType: entry.mimeType ?? contentType ?? 'application/octet-stream',
    ...(entry.title ? { filename: entry.title } : {}),
  }
}
