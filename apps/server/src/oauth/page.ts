import type { Outcome } from './flow.ts'

const headers = {
  'Content-Type': 'text/html; charset=utf-8',
  'Content-Security-Policy': "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'",
  'Cache-Control': 'no-store',
  // The address of this page holds the code.
  'Referrer-Policy': 'no-referrer',
}

/** Sends the person back to where they came from, or tells them how it went. */
export function answerPerson(outcome: Outcome): Response {
  if (outcome.returnUrl !== undefined) {
    const location = returnAddress(outcome.returnUrl, outcome)
    return new Response(page('Back…', 'You are being sent back.'), {
      status: 302,
      headers: { ...headers, Location: location },
    })
  }
  return outcome.ok
    ? new Response(page('Connected', connected(outcome)), {
        headers,
      })
    : new Response(page('Not connected', outcome.message), { status: 400, headers })
}

function connected({ name, title, notGranted }: Extract<Outcome, { ok: true }>): string {
  const lacks =
    notGranted.length === 0
      ? 'You can close this page.'
      : `Not granted: ${notGranted.join(', ')}. What needs it will not work: authorize again and leave everything ticked.`
  return `${name} may read from ${title} now. ${lacks}`
}

function returnAddress(returnUrl: string, outcome: Outcome): string {
  const url = new URL(returnUrl)
  if (outcome.connectorId !== undefined) url.searchParams.set('connectorId', outcome.connectorId)
  url.searchParams.set('status', outcome.ok ? 'connected' : 'failed')
  if (outcome.ok && outcome.notGranted.length > 0) url.searchParams.set('missing_scopes', outcome.notGranted.join(' '))
  if (!outcome.ok) {
    url.searchParams.set('error', outcome.code)
    url.searchParams.set('error_description', outcome.message)
  }
  return url.href
}

function page(title: string, text: string): string {
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${escapeHtml(title)}</title>
<style>body{font:1rem/1.5 system-ui,sans-serif;max-width:32rem;margin:15vh auto;padding:0 1rem;color-scheme:light dark}</style></head>
<body><h1>${escapeHtml(title)}</h1><p>${escapeHtml(text)}</p></body></html>
`
}

function escapeHtml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;')
}
