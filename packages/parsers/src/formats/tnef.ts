import type { Format, FormatInput, FormatOutput } from '../format.ts'
import { mapiMessage } from '../mail/mapi-message.ts'
import { writeMessage } from '../mail/message.ts'
import { readTnef } from '../mail/tnef.ts'

/** `winmail.dat`: messages with their attachments, as Outlook sends them to others ([MS-OXTNEF]). */
export const tnef: Format = {
  name: 'tnef',
  mimeTypes: ['application/vnd.ms-tnef', 'application/ms-tnef'],
  extensions: ['tnef'],
  async parse(input: FormatInput): Promise<FormatOutput> {
    return await writeMessage(await mapiMessage(readTnef(input.bytes, input.limits.maxEntries + 1), input))
  },
}
