// What is published carries the filesystem plugin as its template.
import { cpSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const plugin = join(root, '../../plugins/filesystem')
rmSync(join(root, 'template'), { recursive: true, force: true })
for (const part of ['src', 'test']) cpSync(join(plugin, part), join(root, 'template', part), { recursive: true })
// Under another name: a nested package.json would be taken for a package.
cpSync(join(plugin, 'package.json'), join(root, 'template/manifest.json'))
