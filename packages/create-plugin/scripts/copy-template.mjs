// What is published carries the filesystem plugin as its template.
import { cpSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const plugin = join(root, '../../plugins/filesystem')
rmSync(join(root, 'template'), { recursive: true, force: true })
for (const part of ['src', 'test', 'package.json', 'README.md'])
  cpSync(join(plugin, part), join(root, 'template', part), { recursive: true })
