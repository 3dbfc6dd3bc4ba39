import { isCompoundFile } from '../cfb.ts'
import { type Format, FormatError, type FormatInput, type FormatOutput } from '../format.ts'
import { mapiMessage } from '../mail/mapi-message.ts'
import { writeMessage } from '../mail/message.ts'
import { readMsgFile } from '../mail/msg-file.ts'

/** Outlook messages, templates, appointments, contacts and tasks ([MS-OXMSG]). */
export const msg: Format = {
  name: 'msg',
  mimeTypes: ['application/vnd.ms-outlook'],
  extensions: ['msg', 'oft'],
  parse,
}

async function parse(input: FormatInput): Promise<FormatOutput> {
  const { bytes, limits } = input
  if (!isCompoundFile(bytes))
    throw new FormatError('corrupt', 'It is not an Outlook message: not a compound (OLE) file')
  return await writeMessage(await mapiMessage(readMsgFile(bytes, limits), input))
}
