import iconv from 'iconv-lite'

/** The name under which it can be decoded. */
export function knownEncoding(label: string): string | undefined {
  const name = label.trim().toLowerCase()
  // Detection over a sample may call mostly-ASCII text ASCII, and broken UTF-8 UTF-8; both would lose letters.
  if (name === 'ascii' || name === 'us-ascii') return 'windows-1252'
  return encodingExists(name) ? name : undefined
}

const decoders = new Map<string, InstanceType<typeof TextDecoder> | undefined>()

/** A decoder costs more to make than most texts to decode; undefined for what the standard does not have. */
function decoderOf(encoding: string): InstanceType<typeof TextDecoder> | undefined {
  if (decoders.has(encoding)) return decoders.get(encoding)
  let decoder: InstanceType<typeof TextDecoder> | undefined
  try {
    decoder = new TextDecoder(encoding)
  } catch {}
  // Names come from documents: they could be anything.
  if (decoders.size < 200) decoders.set(encoding, decoder)
  return decoder
}

/** Node's own decoders of these know the first standards only, not what Windows and Hong Kong added. */
const fullerTables: ReadonlyMap<string, string> = new Map([
  ['euc-kr', 'cp949'],
  ['big5', 'big5'],
])

export function encodingExists(encoding: string): boolean {
  return decoderOf(encoding) !== undefined || iconv.encodingExists(encoding)
}

export function decodeAs(bytes: Uint8Array, encoding: string): string {
  const decoder = decoderOf(encoding)
  const fuller = decoder === undefined ? encoding : fullerTables.get(decoder.encoding)
  if (decoder !== undefined && fuller === undefined) return decoder.decode(bytes)
  return iconv.decode(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength), fuller ?? encoding)
}
