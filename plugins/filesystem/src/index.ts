import { checkpoint, defineConnector, type SourceConnector } from '@cx/core'
import { openFolder } from './client.ts'

/** How many entries a resumed listing repeats at most. */
const checkpointEvery = 1000

const filesystem: SourceConnector = defineConnector({
  name: 'filesystem',
  title: 'Folder',
  description: 'Files under a folder of the machine that cx runs on.',
  config: {
    type: 'object',
    additionalProperties: false,
    required: ['root'],
    properties: {
      root: { type: 'string', minLength: 1, title: 'Folder', description: 'Absolute path of the folder.' },
      include: {
        type: 'array',
        items: { type: 'string', minLength: 1 },
        minItems: 1,
        default: ['**/*'],
        title: 'Include',
        description: 'Globs of paths relative to the folder, such as "docs/**/*.pdf".',
      },
      exclude: {
        type: 'array',
        items: { type: 'string', minLength: 1 },
        default: [],
        title: 'Exclude',
        description: 'Globs that win over Include. One that ends in "/**" keeps cx out of the folder altogether.',
      },
      access: {
        enum: ['anyone', 'nobody'],
        default: 'anyone',
        title: 'Who may find these files',
        description: 'In searches made on behalf of a person. "nobody" leaves them to keys that may search everything.',
      },
    },
  },
  auth: {},

  connect: ({ config }) => openFolder(config),

  async check(folder, { signal }) {
    const sample = await folder.probe(signal)
    const writable = await folder.isWritable()
    return {
      account: folder.root,
      checks: [
        { capability: 'list', status: 'ok', message: `${folder.root} can be listed.` },
        sample === undefined
          ? { capability: 'read', status: 'skipped', message: 'There is no file to try.' }
          : sample.error === undefined
            ? { capability: 'read', status: 'ok', message: `${JSON.stringify(sample.path)} can be read.` }
            : { capability: 'read', status: 'failed', message: String((sample.error as Error).message) },
        writable
          ? { capability: 'write', status: 'ok', message: 'Files can be uploaded and deleted.' }
          : { capability: 'write', status: 'skipped', message: 'The folder is read-only: uploads will be refused.' },
      ],
    }
  },

  async *list(folder, { paths, resume, signal, unreadable }) {
    let listed = 0
    for await (const { entry, place } of folder.walk({
      paths,
      after: resume === undefined ? undefined : String(resume),
      signal,
      unreadable,
    })) {
      yield entry
      if (++listed % checkpointEvery === 0 && paths === undefined) yield checkpoint(place)
    }
  },

  read: (folder, entry) => folder.read(entry.id),

  write: {
    put: (folder, upload, { signal }) => folder.put(upload, signal),
    remove: (folder, entry) => folder.remove(entry.id),
  },
  browse: { children: (folder, path, { signal }) => folder.children(path, signal) },
})

export default filesystem
