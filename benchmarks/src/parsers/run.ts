import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import type { Measured } from './child.ts'

export interface Work {
  readonly file: string
  /** Where its text by the reference is, if it has one. */
  readonly reference?: string
}

const patienceMs = 30_000
const child = new URL('./child.ts', import.meta.url).pathname

/** Runs a tool over files in a process of its own; a file on which it hangs or crashes counts as failed, and another process goes on. */
export async function runTool(name: string, files: readonly Work[]): Promise<readonly Measured[]> {
  const done = new Map<string, Measured>()
  for (let passes = 0; done.size < files.length && passes < 100; passes++) {
    let at: string | undefined
    let since = performance.now()
    await onePass(
      name,
      files.filter(({ file }) => !done.has(file)),
      (line) => {
        since = performance.now()
        if ('began' in line) at = line.began
        else done.set(line.file, line)
      },
    )
    if (done.size === files.length) break
    // It died before its first file: the tool itself does not run.
    const failed = at ?? files.find(({ file }) => !done.has(file))!.file
    const ms = performance.now() - since
    done.set(failed, { file: failed, ok: false, cpuMs: ms, wallMs: ms, peak: 0 })
  }
  return [...done.values()]
}

function onePass(
  name: string,
  files: readonly Work[],
  tell: (line: Measured | { readonly began: string }) => void,
): Promise<void> {
  const running = spawn(
    process.execPath,
    ['--conditions=cx-source', '--disable-warning=ExperimentalWarning', '--max-old-space-size=2048', child, name],
    { stdio: ['pipe', 'pipe', 'ignore'] },
  )
  const end = () => running.kill('SIGKILL')
  let timer = setTimeout(end, patienceMs)
  const lines = createInterface({ input: running.stdout })
  lines.on('line', (line) => {
    clearTimeout(timer)
    timer = setTimeout(end, patienceMs)
    // A library may print beside, and a process that is ended leaves half a line.
    if (line.startsWith('{"') && line.endsWith('}')) tell(JSON.parse(line) as Measured)
  })
  running.stdin.on('error', () => {})
  running.stdin.end(JSON.stringify(files))
  return new Promise((resolve) =>
    lines.on('close', () => {
      clearTimeout(timer)
      resolve()
    }),
  )
}
