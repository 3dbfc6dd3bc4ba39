/** An answer to show again while its ETag holds. */
interface Kept {
  readonly etag: string
  readonly body: string
  readonly headers: Headers
}

const mostKept = 2_000
const kept = new Map<string, Kept>()
/** What every run asks for: the account, repositories, where branches stand. Small answers all. */
const small = /\/(user|repositories\/\d+|repos\/[^/]+\/[^/]+(\/commits\/[^/]+)?)$/

/**
 * Asks "has it changed?" where this process has asked before with the same credential: an unchanged answer does not
 * count against the limit. Every answer is still GitHub's own of this moment.
 * https://docs.github.com/en/rest/using-the-rest-api/best-practices-for-using-the-rest-api#use-conditional-requests-if-appropriate
 */
export function withEtags(fetch: typeof globalThis.fetch, credential: string): typeof globalThis.fetch {
  return async (input, init) => {
    const url = new URL(String(input))
    const headers = new Headers(init?.headers)
    const plain = (init?.method ?? 'GET') === 'GET' && !headers.has('if-none-match')
    if (!plain || !small.test(url.pathname)) return fetch(input, init)
    const key = `${credential} ${headers.get('accept')} ${url}`
    const known = kept.get(key)
    if (known) headers.set('if-none-match', known.etag)
    const response = await fetch(input, { ...init, headers })
    if (response.status === 304 && known) return new Response(known.body, { headers: known.headers })
    const etag = response.headers.get('etag')
    if (response.status !== 200 || etag === null) return response
    const body = await response.text()
    const copied = new Headers(response.headers)
    // The body is decoded by now.
    copied.delete('content-encoding')
    copied.delete('content-length')
    kept.delete(key)
    kept.set(key, { etag, body, headers: copied })
    if (kept.size > mostKept) kept.delete(kept.keys().next().value!)
    return new Response(body, { headers: copied })
  }
}
