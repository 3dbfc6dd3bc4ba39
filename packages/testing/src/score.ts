import type { LawResult, LawStatus, ScoreCard } from './check.ts'

const marks: Readonly<Record<LawStatus, { readonly mark: string; readonly color: number; readonly word: string }>> = {
  passed: { mark: '✓', color: 32, word: 'passed' },
  failed: { mark: '✗', color: 31, word: 'failed' },
  waived: { mark: '~', color: 33, word: 'waived' },
  not_applicable: { mark: '-', color: 90, word: 'not applicable' },
}

/** One law for the terminal; a failure with why it matters. */
export function formatResult(result: LawResult, options: { readonly color: boolean }): string {
  const { mark, color } = marks[result.status]
  const paint = (text: string, code: number) => (options.color ? `\u001b[${code}m${text}\u001b[0m` : text)
  const time = result.durationMs >= 1000 ? ` (${(result.durationMs / 1000).toFixed(1)} s)` : ''
  const head = `${paint(mark, color)} ${result.id.padEnd(28)}`
  if (result.status === 'passed') return `${head} ${paint((result.detail ?? '') + time, 90)}`.trimEnd()
  if (result.status === 'not_applicable') return `${head} ${paint(`not applicable: ${result.detail}`, 90)}`
  if (result.status === 'failed') return `${head} ${paint(result.detail ?? '', 31)}${time}\n    why: ${result.reason}`
  const found = result.violation === undefined ? 'it would pass now; the waiver can go' : `found: ${result.violation}`
  return `${head} ${paint('waived', 33)}: ${result.detail}\n    ${found}`
}

/** The last line: `61 passed, 1 failed, 2 waived, 8 not applicable of 72 laws`. */
export function formatSummary(card: ScoreCard, options: { readonly color: boolean }): string {
  const parts = (Object.keys(marks) as LawStatus[])
    .filter((status) => card.counts[status] > 0 || status === 'failed')
    .map((status) => {
      const text = `${card.counts[status]} ${marks[status].word}`
      return options.color && card.counts[status] > 0 ? `\u001b[${marks[status].color}m${text}\u001b[0m` : text
    })
  return `${card.connector}: ${parts.join(', ')} of ${card.results.length} laws in ${(card.durationMs / 1000).toFixed(1)} s`
}

/** JUnit XML: a suite of the connector, a case for each law; what was waived or not applicable is skipped with its reason. */
export function toJUnit(card: ScoreCard): string {
  const skipped = card.counts.waived + card.counts.not_applicable
  const counts = `tests="${card.results.length}" failures="${card.counts.failed}" errors="0" skipped="${skipped}" time="${card.durationMs / 1000}"`
  const cases = card.results.map((result) => {
    const open = `    <testcase classname="${xml(card.connector)}.${result.group}" name="${xml(result.id)}" time="${result.durationMs / 1000}"`
    if (result.status === 'passed') return `${open}/>`
    const message = xml(result.detail ?? '')
    if (result.status === 'failed')
      return `${open}>\n      <failure message="${message}">${xml(result.reason)}</failure>\n    </testcase>`
    return `${open}>\n      <skipped message="${marks[result.status].word}: ${message}"/>\n    </testcase>`
  })
  return `<?xml version="1.0" encoding="UTF-8"?>
<testsuites name="${xml(card.fixture)}" ${counts}>
  <testsuite name="${xml(card.connector)}" ${counts}>
${cases.join('\n')}
  </testsuite>
</testsuites>
`
}

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&apos;',
}

/** Characters that XML 1.0 cannot hold, even escaped, become U+FFFD. */
function xml(text: string): string {
  return text
    .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, '\ufffd')
    .toWellFormed()
    .replace(/[&<>"']/g, (character) => entities[character]!)
}
