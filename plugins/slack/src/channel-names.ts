const most = 10_000
const names = new Map<string, string>()

/**
 * What channels are called in paths, as sessions of this process saw it last: a webhook names channels by id alone, and
 * a configured id that Slack no longer shows must still be told apart from the rest. Not known is always an answer.
 */
export function rememberName(teamId: string, channelId: string, name: string): void {
  const key = `${teamId}:${channelId}`
  names.delete(key)
  names.set(key, name)
  if (names.size > most) names.delete(names.keys().next().value!)
}

export function nameOf(teamId: string, channelId: string): string | undefined {
  return names.get(`${teamId}:${channelId}`)
}
