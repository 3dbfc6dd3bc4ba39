import type { Content, Entry, Json } from '@cx/core'
import type { Config } from './config.ts'
import { discussions } from './discussions.ts'
import { files } from './files.ts'
import { issues } from './issues.ts'
import { releases } from './releases.ts'
import type { Stage, StageRun } from './stage.ts'
import { wiki } from './wiki.ts'

const all: readonly (readonly [Stage, (config: Config) => boolean])[] = [
  [files, (config) => config.includeFiles],
  [issues, (config) => config.includeIssues || config.includePullRequests],
  [discussions, (config) => config.includeDiscussions],
  [releases, (config) => config.includeReleases],
  [wiki, (config) => config.includeWiki],
]

/** The stages that the configuration asks for, in the order of the listing. */
export function stagesOf(config: Config): readonly Stage[] {
  return all.filter(([, wanted]) => wanted(config)).map(([stage]) => stage)
}

function stageNamed(name: string): Stage {
  const found = all.find(([stage]) => stage.name === name)
  if (!found) throw new TypeError(`There is no stage ${JSON.stringify(name)}.`)
  return found[0]
}

/** The content of one entry; its `ref` says which stage it came from. */
export async function readEntry(entry: Entry, run: StageRun): Promise<Content> {
  const repo = await run.session.repoOf(entry, run.signal)
  return stageNamed(String((entry.ref as { k?: Json } | undefined)?.k)).read(repo, entry, run)
}
