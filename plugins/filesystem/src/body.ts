import { constants } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import { ConnectorError } from '@cx/core'
import { explain } from './errors.ts'
import { isInside } from './inside.ts'
import { bytes, type RawPath } from './names.ts'

const chunkBytes = 128 * 1024

/**
 * A file as a stream that fails when the file changes before its end: half an old and half a new version is no document.
 *
 * @throws ConnectorError when it cannot be opened or is no regular file.
 */
export async function openBody(file: RawPath, path: string, base: RawPath): Promise<ReadableStream<Uint8Array>> {
  // O_NONBLOCK: opening a named pipe would wait for its writer.
  const handle = await open(bytes(file), constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK)
  try {
    // The way there was looked at before; somebody may have put a link on it since.
    if (!(await isInside(base, handle, file)))
      throw new ConnectorError('not_found', `${JSON.stringify(path)} is not in the folder.`)
    const before = await state(handle)
    if (!before.isFile) throw new ConnectorError('unprocessable', `${JSON.stringify(path)} is not a regular file.`)
    return stream(handle, before, path)
  } catch (error) {
    await handle.close()
    throw error
  }
}

function stream(handle: FileHandle, before: State, path: string): ReadableStream<Uint8Array> {
  let position = 0
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        try {
          const chunk = new Uint8Array(Math.min(chunkBytes, Math.max(before.size - position, 0) + 1))
          const { bytesRead } = await handle.read(chunk, 0, chunk.length, position)
          position += bytesRead
          if (bytesRead > 0 && position < before.size) return controller.enqueue(chunk.subarray(0, bytesRead))
          const after = await state(handle)
          if (after.version !== before.version || position !== before.size)
            throw new ConnectorError(
              'unprocessable',
              `${JSON.stringify(path)} changed while it was read. The next sync reads it again.`,
            )
          await handle.close()
          if (bytesRead > 0) controller.enqueue(chunk.subarray(0, bytesRead))
          controller.close()
        } catch (error) {
          await handle.close().catch(() => {})
          throw explain(error, path)
        }
      },
      cancel: () => handle.close(),
    },
    { highWaterMark: 0 },
  )
}

interface State {
  readonly isFile: boolean
  readonly size: number
  readonly version: string
}

async function state(handle: FileHandle): Promise<State> {
  const stats = await handle.stat({ bigint: true })
  return {
    isFile: stats.isFile(),
    size: Number(stats.size),
    version: `${stats.mtimeNs}-${stats.ctimeNs}-${stats.size}`,
  }
}
