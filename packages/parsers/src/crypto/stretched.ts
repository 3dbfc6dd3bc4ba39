import { hash } from 'node:crypto'

/** The hash of a password hashed so many times more, each time behind the number of the round ([MS-OFFCRYPTO] 2.3.4.7). */
export function stretched(algorithm: string, first: Buffer, rounds: number): Buffer {
  const block = Buffer.concat([Buffer.alloc(4), first])
  for (let n = 0; n < rounds; n++) {
    block.writeUInt32LE(n)
    // As a string: half of the time that buffers take.
    block.write(hash(algorithm, block, 'binary'), 4, 'latin1')
  }
  return block.subarray(4)
}
