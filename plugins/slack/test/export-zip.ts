import { createWriteStream } from 'node:fs'
import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { ZipFile } from 'yazl'
import type { Message } from '../src/types.ts'

interface ExportedChannel {
  readonly id: string
  readonly name: string
  readonly isPrivate?: boolean
}

/** A file's address in an export brings a token of its own. */
const exportToken = 'xoxe-3141592653-test'

/** Writes a ZIP as Slack's export does, day by day; replies are in the files of their own days. Returns its path. */
export async function writeExport(
  channels: readonly ExportedChannel[],
  messages: Iterable<{ readonly channel: string; readonly message: Message }>,
  damaged?: string,
): Promise<string> {
  const path = join(await mkdtemp(join(tmpdir(), 'cx-slack-')), 'export.zip')
  const zip = new ZipFile()
  const add = (name: string, value: unknown) => zip.addBuffer(Buffer.from(JSON.stringify(value)), name)
  const listed = (isPrivate: boolean) =>
    channels.filter((one) => (one.isPrivate ?? false) === isPrivate).map(({ id, name }) => ({ id, name }))
  add('channels.json', listed(false))
  add('groups.json', listed(true))
  add('users.json', [])
  const days = Map.groupBy(
    messages,
    ({ channel, message }) =>
      `${channel}/${new Date(Number(message.ts.split('.')[0]) * 1000).toISOString().slice(0, 10)}.json`,
  )
  for (const [name, day] of days)
    add(
      name,
      day.map(({ message }) => ({
        ...message,
        ...(message.files && {
          files: message.files.map((file) => ({ ...file, url_private: `${file.url_private}?t=${exportToken}` })),
        }),
      })),
    )
  if (damaged !== undefined) zip.addBuffer(Buffer.from('[{"ts":'), damaged)
  zip.end()
  await pipeline(zip.outputStream, createWriteStream(path))
  return path
}
