import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import type { Reply } from './http.ts'

export const hasGit: boolean = spawnSync('git', ['--version']).status === 0

/** A wiki as a real Git repository, served by Git itself over its smart protocol. */
export class FakeWiki {
  readonly folder: string = mkdtempSync(join(tmpdir(), 'cx-fake-wiki-'))

  constructor() {
    this.#git('init', '-q', '-b', 'master')
  }

  write(pages: Readonly<Record<string, string | null>>): void {
    for (const [path, text] of Object.entries(pages))
      if (text === null) rmSync(join(this.folder, path))
      else writeFileSync(join(this.folder, path), text)
    this.#git('add', '-A')
    this.#git('-c', 'user.name=A', '-c', 'user.email=a@example.com', 'commit', '-qm', 'pages')
  }

  #git(...args: string[]): void {
    execFileSync('git', args, { cwd: this.folder })
  }

  answer(path: string, body: Buffer, encoding: string | undefined): Reply {
    const advertise = path.endsWith('/info/refs')
    const args = ['upload-pack', '--stateless-rpc', ...(advertise ? ['--advertise-refs'] : []), this.folder]
    const input = encoding === 'gzip' ? gunzipSync(body) : body
    const output = execFileSync('git', args, { input, maxBuffer: 1 << 26 })
    const type = advertise ? 'advertisement' : 'result'
    const head = Buffer.from('001e# service=git-upload-pack\n0000')
    return {
      status: 200,
      body: advertise ? Buffer.concat([head, output]) : output,
      headers: { 'content-type': `application/x-git-upload-pack-${type}` },
    }
  }

  close(): void {
    rmSync(this.folder, { recursive: true, force: true })
  }
}
