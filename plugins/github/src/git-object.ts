import { createHash, type Hash, hash } from 'node:crypto'

/** The name Git gives these bytes. https://git-scm.com/book/en/v2/Git-Internals-Git-Objects */
export function blobSha(bytes: Uint8Array): string {
  return hash('sha1', Buffer.concat([Buffer.from(`blob ${bytes.length}\0`), bytes]))
}

/** The same for a stream whose length is known. */
export function blobHash(size: number): Hash {
  return createHash('sha1').update(`blob ${size}\0`)
}
