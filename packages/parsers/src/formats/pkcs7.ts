import { type Format, FormatError, type FormatInput, type FormatOutput } from '../format.ts'
import { isEntity } from '../mail/mime.ts'
import { openPkcs7 } from '../mail/pkcs7.ts'

/** Signed files (CMS, RFC 5652: `.p7m`): what was signed is a document of its own. Signatures are not checked. */
export const pkcs7: Format = {
  name: 'pkcs7',
  mimeTypes: [
    'application/pkcs7-mime',
    'application/x-pkcs7-mime',
    'application/pkcs7-signature',
    'application/x-pkcs7-signature',
  ],
  extensions: ['p7m', 'p7s', 'p7z', 'p7c', 'p7b'],
  parse,
}

function parse({ bytes, filename, limits }: FormatInput): FormatOutput {
  const message = openPkcs7(bytes, limits)
  switch (message.kind) {
    case 'content':
      return { markdown: '', children: [{ path: innerName(message.content, filename), bytes: message.content }] }
    case 'signature':
      throw new FormatError('empty', 'It holds signatures or certificates only')
    case 'encrypted':
      throw new FormatError('encrypted', 'It is encrypted for those who hold the key')
    case 'too_large':
      throw new FormatError('too_large', `It unpacks to more than ${limits.maxRatio} times its size`)
    case 'damaged':
      throw new FormatError('corrupt', 'It is no cryptographic message (CMS), or a damaged one')
  }
}

/** The outer name without its ending; what S/MIME signs is a part of a mail. */
function innerName(content: Uint8Array, filename: string | undefined): string {
  const own = filename?.slice(Math.max(filename.lastIndexOf('/'), filename.lastIndexOf('\\')) + 1) ?? ''
  if (isEntity(content)) return 'message.eml'
  return /.\.(p7[a-z])$/i.test(own) && own.indexOf('.') !== own.lastIndexOf('.')
    ? own.slice(0, own.lastIndexOf('.'))
    : 'content'
}
