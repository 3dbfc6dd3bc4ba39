import type { Json, JsonSchema } from '@cx/core'
import { refusal } from '../driver/refusal.ts'
import { validate } from '../driver/schema.ts'
import { few, type Law, must, needs, show } from '../law.ts'

export const configLaws: readonly Law[] = [
  {
    id: 'config.strict',
    group: 'config',
    reason: 'A misspelt field that is silently ignored syncs the wrong documents.',
    async run(bench) {
      const schema = bench.connector.config
      const { config } = await bench.world()
      const good = validate(schema, config)
      must(good.ok, () => `the fixture's own config is refused: ${show(good)}`)
      must(
        !validate(schema, { ...config, cxUnknownField: 1 }).ok,
        'an unknown field is accepted: drop `additionalProperties`',
      )
      for (const name of schema.required ?? []) {
        const { [name]: _, ...without } = config
        const accepted = validate(schema, without).ok
        must(!accepted || schema.properties?.[name]?.default !== undefined, `the required field ${name} may be missing`)
      }
      for (const [name, property] of Object.entries(schema.properties ?? {})) {
        const wrong = wrongFor(property)
        must(!validate(schema, { ...config, [name]: wrong }).ok, `${name} accepts ${show(wrong)}`)
      }
      return undefined
    },
  },
  {
    id: 'config.defaults',
    group: 'config',
    reason: 'What the form shows as the default must be what the connector gets.',
    async run({ connector }) {
      for (const [name, property] of Object.entries(connector.config.properties ?? {})) {
        if (property.default === undefined) continue
        const alone: JsonSchema = { type: 'object', properties: { [name]: property } }
        const filled = validate(alone, {})
        must(
          filled.ok && show(filled.value[name]) === show(property.default),
          `the default of ${name} (${show(property.default)}) is not valid for its own schema`,
        )
      }
      return undefined
    },
  },
  {
    id: 'config.fields',
    group: 'config',
    reason: 'Every documented field works: a configuration that uses it is accepted, connects, checks and lists.',
    needs: '`alternatives`, unless `config` uses every field',
    async run(bench) {
      const world = await bench.world()
      const fields = Object.keys(bench.connector.config.properties ?? {})
      const used = (configs: readonly Readonly<Record<string, Json>>[]) => {
        const seen = new Set(configs.flatMap((config) => Object.keys(config)))
        return fields.filter((field) => !seen.has(field))
      }
      if (used([world.config]).length > 0)
        needs(
          world.alternatives,
          `the fixture's config leaves out ${few(used([world.config]))} and there are no \`alternatives\``,
        )
      const all = [world.config, ...(world.alternatives ?? [])]
      must(used(all).length === 0, () => `no configuration of the fixture uses ${few(used(all))}`)
      await bench.plant(2)
      for (const config of all) {
        const session = await bench.open({ config })
        await session.check()
        await session.list()
        await session.close()
      }
      return `${all.length} configurations, ${fields.length} fields`
    },
  },
  {
    id: 'config.wrong',
    group: 'config',
    reason:
      'A bucket or repository that does not exist is a mistake to show, not an empty source: everything would be deleted.',
    needs: '`badConfig`',
    async run(bench) {
      const world = await bench.world()
      const config = needs(world.badConfig, 'the fixture has no `badConfig`')
      const seen = await refusal(async () => {
        const session = await bench.open({ config })
        await session.list()
      })
      must(
        seen.code === 'misconfigured' || seen.code === 'forbidden' || seen.code === 'not_found',
        `listing with a wrong configuration gave ${seen.text}; expected a ConnectorError "misconfigured" (or "forbidden", "not_found")`,
      )
      return seen.text
    },
  },
]

/** A value that no sane schema of this type accepts. */
function wrongFor(property: JsonSchema): Json {
  if (property.enum) return 'cx-not-in-the-enum'
  return property.type === 'object' ? 'cx-not-an-object' : { cx: 'not of this type' }
}
