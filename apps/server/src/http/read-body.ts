import { ApiError } from './errors.ts'

/** Of JSON bodies; uploads stream past it. */
export const maxBodyBytes: number = 1_048_576
const maxDepth = 64

/** Reads a JSON body, at most 1 MB. Undefined when there is none. */
export async function readJson(request: Request): Promise<unknown> {
  const bytes = await readBytes(request)
  if (bytes.length === 0) return undefined
  const type = request.headers.get('content-type')?.split(';')[0]?.trim().toLowerCase() ?? ''
  if (type !== 'application/json' && !type.endsWith('+json'))
    throw new ApiError(
      'invalid_request',
      `Send the body as JSON with the header "Content-Type: application/json"${type ? `; this request says "${type.slice(0, 80)}"` : ''}.`,
    )
  let value: unknown
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
  } catch (error) {
    throw new ApiError('invalid_request', `The body is not valid JSON: ${(error as Error).message.slice(0, 200)}.`)
  }
  refuseTraps(value)
  return value
}

/** Reads a body as it is. @throws ApiError `payload_too_large` beyond 1 MB. */
export async function readBytes(request: Request): Promise<Uint8Array> {
  const declared = request.headers.get('content-length')
  if (Number(declared ?? 0) > maxBodyBytes) throw tooLarge()
  // No more can come than was declared, so that nothing needs to be counted.
  if (declared !== null) return new Uint8Array(await request.arrayBuffer().catch(brokeOff))
  if (!request.body) return new Uint8Array()
  const parts: Uint8Array[] = []
  let size = 0
  try {
    for await (const part of request.body) {
      size += part.length
      if (size > maxBodyBytes) throw tooLarge()
      parts.push(part)
    }
  } catch (error) {
    if (error instanceof ApiError) throw error
    brokeOff()
  }
  return parts.length === 1 ? parts[0]! : Buffer.concat(parts)
}

function brokeOff(): never {
  throw new ApiError('invalid_request', 'The body broke off before its end.')
}

function tooLarge(): ApiError {
  return new ApiError(
    'payload_too_large',
    `A request body may have ${maxBodyBytes} bytes at most. Split the request; files go to POST /api/v1/connectors/{id}/files/upload.`,
  )
}

/** Deep nesting overflows the stack of what serialises it later, and `__proto__` is never meant well. Walks without recursion. */
function refuseTraps(root: unknown): void {
  let level: unknown[] = [root]
  for (let depth = 0; level.length > 0; depth++) {
    if (depth > maxDepth) throw new ApiError('invalid_request', `The body is nested more than ${maxDepth} levels deep.`)
    const next: unknown[] = []
    for (const value of level) {
      if (typeof value !== 'object' || value === null) continue
      if (Object.hasOwn(value, '__proto__'))
        throw new ApiError('invalid_request', 'The body has a key "__proto__", which is not allowed.')
      for (const child of Object.values(value)) if (typeof child === 'object' && child !== null) next.push(child)
    }
    level = next
  }
}
