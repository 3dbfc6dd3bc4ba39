// A process of its own that answers GET /N with N bytes: what it takes must not count as the connector's memory.
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

const piece = Buffer.alloc(64 * 1024, 'a')
const server = createServer(async (request, response) => {
  for (let left = Number(request.url?.slice(1)); left > 0 && !response.destroyed; left -= piece.length)
    if (!response.write(piece.subarray(0, Math.min(left, piece.length))))
      await new Promise((resolve) => response.once('drain', resolve).once('close', resolve))
  response.end()
})
server.listen(0, '127.0.0.1', () => process.stdout.write(`${(server.address() as AddressInfo).port}\n`))
process.stdin.on('end', () => process.exit()).resume()
