import { ConnectorError, type Content, type Entry } from '@cx/core'
import { pageSize } from './client.ts'
import { dayVersion, type Ref, spoken } from './documents.ts'
import { wordOf } from './errors.ts'
import { permalink } from './ids.ts'
import { speaks } from './messages.ts'
import { fileName, renderMessages } from './render.ts'
import type { Session, SlackRun } from './session.ts'
import type { Message, SlackFile } from './types.ts'

/** The content of a document, as Slack holds it now. */
export async function readEntry(entry: Entry, run: SlackRun): Promise<Content> {
  try {
    return await readRef(entry, run)
  } catch (error) {
    // The channel can no longer be seen; its documents are not gone for that.
    if (wordOf(error) !== 'channel_not_found') throw error
    const { message, remediation } = error as ConnectorError
    throw new ConnectorError('forbidden', message, remediation === undefined ? {} : { remediation })
  }
}

async function readRef(entry: Entry, run: SlackRun): Promise<Content> {
  const ref = entry.ref as Ref | undefined
  switch (ref?.kind) {
    case 'day':
      return readDay(entry, ref, run)
    case 'thread':
      return readThread(ref, run)
    case 'file':
      return readFile(ref, entry, run)
    default:
      throw new ConnectorError('not_found', `${entry.path} was not listed by this connector.`)
  }
}

async function readDay(
  entry: Entry,
  { c, d, x }: Extract<Ref, { kind: 'day' }>,
  { session, config, signal }: SlackRun,
): Promise<Content> {
  const listed = (all: readonly Message[]) => dayVersion(spoken(all, config), config) === entry.version
  const all = x ? await (await exportOf(session)).day(c, d, signal) : await session.days.read(c, d, listed, signal)
  const messages = spoken(all, config)
  if (messages.length === 0) throw new ConnectorError('not_found', `Nothing is said on ${d} any more.`)
  const identity = await session.client.identity(signal)
  const names = await session.names.namesFor(JSON.stringify(messages), signal)
  const threadUrl = ({ ts }: Message) => permalink(identity, c, ts, true)
  return { body: renderMessages(messages, names, threadUrl), mimeType: 'text/markdown' }
}

async function readThread(
  { c, ts, x }: Extract<Ref, { kind: 'thread' }>,
  { session, config, signal }: SlackRun,
): Promise<Content> {
  const all = x ? await (await exportOf(session)).thread(c, ts, signal) : await replies(session, c, ts, signal)
  const messages = all.filter((message) => speaks(message, config))
  // What is left of a thread without replies is an ordinary message, which its day holds.
  if (all.length < 2 || messages.length === 0) throw new ConnectorError('not_found', 'This thread is no more.')
  const names = await session.names.namesFor(JSON.stringify(messages), signal)
  return { body: renderMessages(messages, names), mimeType: 'text/markdown' }
}

/** The parent, then the replies in the order of time. */
async function replies(
  { client }: Session,
  channel: string,
  ts: string,
  signal: AbortSignal,
): Promise<readonly Message[]> {
  type Answer = { readonly messages?: readonly Message[]; readonly has_more?: boolean }
  const found = new Map<string, Message>()
  const list = client.list<Answer>(
    'conversations.replies',
    { channel, ts, limit: pageSize },
    { what: 'a thread', items: (answer) => answer.messages, signal },
  )
  let more = false
  for await (const page of list) {
    const messages = page.messages ?? []
    more = page.has_more === true
    client.limitClass.page(messages.length, more)
    // Some pages repeat the parent.
    for (const message of messages) found.set(message.ts, message)
  }
  if (more) throw new ConnectorError('unavailable', 'Slack ended a thread half-way.')
  return [...found.values()]
}

async function readFile(
  ref: Extract<Ref, { kind: 'file' }>,
  entry: Entry,
  { session, signal }: SlackRun,
): Promise<Content> {
  const { client } = session
  const file = ref.u === undefined ? await fileInfo(session, ref.f, signal) : undefined
  const url = ref.u ?? file?.url_private_download ?? file?.url_private
  if (url === undefined || !client.isFileUrl(url))
    throw new ConnectorError(
      'unprocessable',
      "The file is not on Slack's own servers, and other ones are not sent the token.",
    )
  const response = await client.download(url, signal)
  const type = (response.headers.get('content-type') ?? '').toLowerCase()
  const expected = file?.mimetype ?? ref.m ?? ''
  const length = Number(response.headers.get('content-length') ?? Number.NaN)
  // Without files:read Slack answers 200 with its sign-in page.
  const page = type.startsWith('text/html')
  if (
    page &&
    (!/html/.test(expected) || (entry.size !== undefined && !Number.isNaN(length) && length !== entry.size))
  ) {
    await response.body?.cancel().catch(() => {})
    throw new ConnectorError('forbidden', 'Slack answered with its sign-in page instead of the file.', {
      remediation: 'Add the scope files:read to the app and reinstall it; the app must be in a channel with the file.',
    })
  }
  return {
    body: response.body ?? new Uint8Array(),
    mimeType: expected || type || 'application/octet-stream',
    filename: file ? fileName(file) : (entry.path.split('/').at(-1) ?? ref.f).slice(ref.f.length + 1),
  }
}

export async function fileInfo(
  { client }: Session,
  id: string,
  signal: AbortSignal,
): Promise<SlackFile & { channels?: readonly string[]; groups?: readonly string[] }> {
  return (await client.call<{ file: SlackFile }>('files.info', { file: id }, `the file ${id}`, signal)).file
}

async function exportOf(session: Session) {
  const opened = session.export()
  if (!opened) throw new ConnectorError('not_found', 'It came from a Slack export that is not configured any more.')
  return opened
}
