import { type Format, FormatError, type FormatInput, type FormatOutput } from '../format.ts'
import { withoutArmor } from '../mail/armor.ts'
import { decodeText } from '../text.ts'

/** Text that PGP signed or encrypted (RFC 9580), in letters. Signatures are not checked. */
export const pgp: Format = {
  name: 'pgp',
  mimeTypes: ['application/pgp-encrypted', 'application/pgp'],
  extensions: ['pgp'],
  async parse({ bytes }: FormatInput): Promise<FormatOutput> {
    const { text, sealed } = withoutArmor(await decodeText(bytes))
    if (text.trim() === '' && sealed.length > 0)
      throw new FormatError('encrypted', 'It is encrypted with PGP for those who hold the key')
    return { markdown: text.trim() }
  },
}
