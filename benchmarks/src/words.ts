/** Words as common as in a language: the n-th stands 1/n as often as the first. */
export function wordAt(rank: number): string {
  return `w${rank.toString(36)}x`
}

/** The same text for the same seed. */
export function textOf(seed: number, length: number): string {
  let state = (seed + 1) * 2_654_435_761
  const words: string[] = []
  for (let i = 0; i < length; i++) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    words.push(wordAt(Math.floor(20_000 ** (state / 2 ** 32))))
  }
  return words.join(' ')
}
