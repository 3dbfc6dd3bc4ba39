import { duration, paint, thousands } from './print.ts'

export interface JobView {
  readonly jobId: string
  readonly status: string
  readonly progress: Readonly<
    Record<
      'listed' | 'collected' | 'parsed' | 'indexed' | 'unchanged' | 'skipped' | 'failed' | 'deleted' | 'bytes',
      number
    >
  > & {
    readonly total?: number
    readonly etaSeconds?: number
  }
  readonly startedAt: string
  readonly error?: { readonly code: string; readonly message: string }
  readonly pendingDeletions?: number
}

const bars = 24

/** Draws a job's progress on one line that is drawn over; a line at the end alone where there is no terminal. */
export function createProgressLine(stream: NodeJS.WriteStream = process.stderr): {
  show(job: JobView): void
  end(): void
} {
  const began = performance.now()
  let drawn = false
  return {
    show: (job) => {
      if (!stream.isTTY) return
      const text = progressText(job, (performance.now() - began) / 1000, (style, part) => paint(style, part, stream))
      stream.write(`\r\u001b[2K${text}`)
      drawn = true
    },
    end: () => {
      if (drawn) stream.write('\r\u001b[2K')
    },
  }
}

/** One line: a bar where the end is known, the four stages, pace and time left. */
function progressText(
  { status, progress }: JobView,
  seconds: number,
  style: (name: 'cyan' | 'dim' | 'red', text: string) => string,
): string {
  const { listed, collected, parsed, indexed, unchanged, skipped, failed, total, etaSeconds } = progress
  const done = indexed + unchanged + skipped + failed
  const of = total ?? listed
  const filled = of > 0 ? Math.min(bars, Math.floor((done / of) * bars)) : 0
  const bar = style('cyan', '█'.repeat(filled)) + style('dim', '░'.repeat(bars - filled))
  const pace = seconds > 0.5 ? `${thousands(Math.round(done / seconds))}/s` : ''
  const eta = etaSeconds === undefined ? '' : `${duration(etaSeconds)} left`
  return [
    status === 'queued' ? 'queued ' : bar,
    `listed ${thousands(listed)}`,
    `collected ${thousands(collected)}`,
    `parsed ${thousands(parsed)}`,
    `indexed ${thousands(indexed)}`,
    unchanged > 0 ? `unchanged ${thousands(unchanged)}` : '',
    failed > 0 ? style('red', `failed ${thousands(failed)}`) : '',
    style('dim', [pace, eta].filter(Boolean).join(', ')),
  ]
    .filter(Boolean)
    .join('  ')
}
