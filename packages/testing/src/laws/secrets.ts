import { inspect } from 'node:util'
import type { Auth, Json, JsonSchema } from '@cx/core'
import type { Bench } from '../driver/bench.ts'
import { refusal } from '../driver/refusal.ts'
import { properties } from '../driver/schema.ts'
import { type Law, must, NotApplicable } from '../law.ts'

type Values = Readonly<Record<string, Json>>

export const secretLaws: readonly Law[] = [
  {
    id: 'secrets.healthy',
    group: 'secrets',
    reason:
      'No secret gets into entries, refs, checkpoints, cursors, access lists, the account or the log, where people and backups see it.',
    needs: 'credentials or secret config fields',
    async run(bench) {
      const hidden = await secretsOf(bench)
      await bench.plant()
      const session = await bench.open()
      const listing = await session.list()
      mustHide(hidden, 'check', await session.check())
      mustHide(hidden, 'entries', listing.entries)
      mustHide(hidden, 'checkpoints', listing.checkpoints)
      mustHide(hidden, 'access lists', [...(await session.acls(listing.entries))])
      const content = await session.read(listing.entries[0]!)
      mustHide(hidden, 'content', { ...content, body: undefined })
      if (content.body instanceof ReadableStream) await content.body.cancel()
      if (bench.connector.changes) mustHide(hidden, 'the cursor', await session.now())
      mustHide(hidden, 'the log', bench.log.lines)
      return `${hidden.length} secrets`
    },
  },
  {
    id: 'secrets.refused',
    group: 'secrets',
    reason: 'The message about wrong credentials must not repeat them.',
    needs: '`badCredentials` with a secret',
    async run(bench) {
      const world = await bench.world()
      if (world.badCredentials === undefined) throw new NotApplicable('the fixture has no `badCredentials`')
      const credentials = world.badCredentials
      const hidden = secretValues(credentials, schemaOf(bench.connector.auth, credentials))
      if (hidden.length === 0) throw new NotApplicable('the bad credentials hold no secret of 6 characters or more')
      for (const verb of ['check', 'list'] as const) {
        const { error } = await refusal(async () => (await bench.open({ credentials }))[verb]())
        mustHide(hidden, `the error of ${verb}`, error)
      }
      mustHide(hidden, 'the log', bench.log.lines)
      return `${hidden.length} secrets`
    },
  },
  {
    id: 'secrets.echoed',
    group: 'secrets',
    reason:
      'Servers and libraries repeat request headers in their errors; what a connector throws or logs must not pass them on.',
    needs: 'credentials, `fetch` or `faults`',
    async run(bench) {
      const hidden = await secretsOf(bench)
      await bench.plant(3)
      const session = await bench.open()
      const { entries } = await session.list()
      const faults = bench.faults()
      for (const kind of ['unauthenticated', 'forbidden', 'not_found', 'unavailable', 'drop'] as const) {
        if (!faults.supports.includes(kind)) continue
        faults.inject({ kind }, { from: 1, to: Number.POSITIVE_INFINITY })
        const works = {
          connect: () => bench.open(),
          check: () => session.check(),
          list: () => session.list(),
          read: () => session.text(entries[0]!),
        }
        for (const [verb, work] of Object.entries(works)) {
          const { error } = await refusal(work)
          mustHide(hidden, `the error of ${verb} under ${kind}`, error)
        }
        faults.clear()
      }
      mustHide(hidden, 'the log', bench.log.lines)
      return `${hidden.length} secrets`
    },
  },
]

async function secretsOf(bench: Bench): Promise<readonly string[]> {
  const world = await bench.world()
  const credentials = world.credentials ?? {}
  const hidden = [
    ...secretValues(credentials, schemaOf(bench.connector.auth, credentials)),
    ...secretValues(world.config, bench.connector.config),
  ]
  if (hidden.length === 0)
    throw new NotApplicable('there is no secret of 6 characters or more in credentials or config')
  return hidden
}

function schemaOf(auth: Readonly<Record<string, Auth>>, credentials: Values): JsonSchema {
  const method = auth[String(credentials.method)]
  if (method?.kind === 'secret') return method.schema
  return { properties: { accessToken: { type: 'string', writeOnly: true } } }
}

function secretValues(values: Values, schema: JsonSchema): string[] {
  const names = new Set([...properties(schema)].flatMap((one) => (one.schema.writeOnly ? [one.name] : [])))
  const found: string[] = []
  const walk = (value: unknown, secret: boolean): void => {
    if (typeof value === 'string' && secret && value.length >= 6) found.push(value)
    else if (typeof value === 'object' && value !== null)
      for (const [name, member] of Object.entries(value)) walk(member, secret || names.has(name))
  }
  walk(values, false)
  return found
}

/** Everything of it, as a log or a crash report would print it: messages, stacks, causes, own fields. */
function printed(value: unknown): string {
  const text = inspect(value, {
    depth: 12,
    maxArrayLength: null,
    maxStringLength: null,
    breakLength: Number.POSITIVE_INFINITY,
  })
  return value instanceof Error ? `${text}\n${value.message}\n${value.stack}` : text
}

function mustHide(secrets: readonly string[], where: string, value: unknown): void {
  if (value === undefined) return
  const text = printed(value)
  for (const [index, secret] of secrets.entries()) {
    const base64 = Buffer.from(secret).toString('base64').replace(/=+$/, '')
    // The inside of the base64 of a longer text, such as `user:password`, whatever stands before it.
    const shifted = [1, 2].map((by) =>
      Buffer.from('x'.repeat(by) + secret)
        .toString('base64')
        .slice(4, -4),
    )
    for (const form of [secret, encodeURIComponent(secret), base64.slice(0, -1), ...shifted])
      must(
        form.length < 6 || !text.includes(form),
        `secret ${index + 1} of the credentials or config shows up in ${where}`,
      )
  }
}
