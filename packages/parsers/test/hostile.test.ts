import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { beforeAll, describe, expect, it } from 'vitest'

/**
 * The documents themselves and Node (400 MB), two threads with 192 MB of heap, half as much again for a moment, and 384 MB
 * of buffers each, and what one of them doubles in a single step.
 */
const maxRssMb = 2_000

interface Report {
  readonly results: readonly {
    readonly filename: string
    readonly isHostile: boolean
    readonly code: string
    readonly message: string
    readonly isWhole: boolean
  }[]
  readonly peakMb: number
}

describe('hostile documents among ordinary ones', () => {
  let report: Report

  beforeAll(async () => {
    const script = fileURLToPath(new URL('hostile-run.ts', import.meta.url))
    const { stdout } = await promisify(execFile)(process.execPath, ['--conditions=cx-source', script], {
      maxBuffer: 64 * 1024 * 1024,
    })
    report = JSON.parse(stdout)
  }, 180_000)

  it('cost no ordinary document its text', () => {
    const ordinary = report.results.filter(({ isHostile }) => !isHostile)
    expect(ordinary).toHaveLength(400)
    expect(ordinary.filter(({ code, isWhole }) => code !== 'ok' || !isWhole)).toEqual([])
  })

  it('end as text or as a reason that is told in words', () => {
    const hostile = report.results.filter(({ isHostile }) => isHostile)
    expect(hostile.length).toBeGreaterThan(350)
    for (const { filename, code, message } of hostile) {
      if (code !== 'ok') expect(message, filename).toMatch(/^.{15,}$/s)
    }
  })

  it.each([
    ['hostile.loops', ['timed_out']],
    ['hostile.hangs', ['timed_out']],
    ['hostile.fills-heap', ['out_of_memory', 'timed_out']],
    ['hostile.grows-array', ['out_of_memory', 'timed_out']],
    ['hostile.grows-doubles', ['out_of_memory', 'timed_out']],
    ['hostile.grows-map', ['out_of_memory', 'timed_out', 'corrupt']],
    ['hostile.grows-string', ['out_of_memory', 'timed_out', 'output_too_large']],
    ['hostile.fills-buffers', ['out_of_memory', 'timed_out']],
    ['hostile.exits', ['crashed']],
    ['hostile.throws', ['corrupt']],
    ['hostile.throws-late', ['ok']],
    ['hostile.rejects-beside', ['ok']],
    ['hostile.writes-forever', ['output_too_large']],
    ['deep.xml', ['corrupt']],
    ['laughs.xml', ['ok']],
    ['bomb.docx', ['too_large']],
    ['bomb.pdf', ['no_text_layer', 'out_of_memory', 'corrupt']],
    ['empty.pdf', ['empty']],
    ['spaces.txt', ['empty']],
  ])('%s ends as %s', (filename, codes) => {
    expect(codes).toContain(report.results.find((result) => result.filename === filename)?.code)
  })

  it(`keep the process under ${maxRssMb} MB`, () => {
    expect(report.peakMb).toBeLessThan(maxRssMb)
  })
})
