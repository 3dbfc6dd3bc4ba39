import { ConnectorError } from '@cx/core'

/**
 * A path below the root as the operating system has it: one character a byte (latin1), '/'-separated.
 * File names are bytes, not text; kept like this, they sort by byte and none is lost.
 */
export type RawPath = string

/** What `node:fs` takes. */
export function bytes(raw: RawPath): Buffer {
  return Buffer.from(raw, 'latin1')
}

export function fromText(path: string): RawPath {
  return Buffer.from(path, 'utf8').toString('latin1')
}

/** For people; bytes that are not UTF-8 show as U+FFFD. */
export function toText(raw: RawPath): string {
  return bytes(raw).toString('utf8')
}

/** The path itself or, when its bytes are not UTF-8, `/` and hex, which no relative path begins with. */
export function toId(raw: RawPath): string {
  const text = toText(raw)
  return fromText(text) === raw ? text : `/${bytes(raw).toString('hex')}`
}

/** The inverse of {@link toId}. @throws ConnectorError `unprocessable` when it would leave the root. */
export function fromId(id: string): RawPath {
  const raw = Buffer.from(id.slice(1), 'hex').toString('latin1')
  return toId(raw) === id && isBelow(raw) ? raw : fromPath(id)
}

/** What a person or a client wrote. @throws ConnectorError `unprocessable` when it would leave the root. */
export function fromPath(path: string): RawPath {
  const raw = fromText(path)
  if (isBelow(raw)) return raw
  throw new ConnectorError(
    'unprocessable',
    `${JSON.stringify(path)} is not a path below the folder: write it relative, with "/" between names and no "." or "..".`,
  )
}

const strange = process.platform === 'win32' ? /[\0\\:]/ : /\0/

/** Whether it stays below the root whatever is there. */
export function isBelow(raw: RawPath): boolean {
  return !strange.test(raw) && raw.split('/').every((name) => name !== '' && name !== '.' && name !== '..')
}
