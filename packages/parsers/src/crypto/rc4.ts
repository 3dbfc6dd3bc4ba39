/** The first `length` bytes of RC4's key stream, which OpenSSL no longer has. */
export function rc4(key: Uint8Array, length: number): Uint8Array {
  const state = new Uint8Array(256)
  for (let n = 0; n < 256; n++) state[n] = n
  for (let n = 0, j = 0; n < 256; n++) {
    const own = state[n]!
    j = (j + own + key[n % key.length]!) & 255
    state[n] = state[j]!
    state[j] = own
  }
  const out = new Uint8Array(length)
  for (let n = 0, i = 0, j = 0; n < length; n++) {
    i = (i + 1) & 255
    const own = state[i]!
    j = (j + own) & 255
    state[i] = state[j]!
    state[j] = own
    out[n] = state[(state[i]! + own) & 255]!
  }
  return out
}

export function xor(data: Uint8Array, stream: Uint8Array): Uint8Array {
  return data.map((byte, n) => byte ^ stream[n]!)
}
