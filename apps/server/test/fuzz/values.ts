import fc from 'fast-check'

// Values as an unfriendly client sends them.

export interface Schema {
  readonly $ref?: string
  readonly type?: string | readonly string[]
  readonly enum?: readonly unknown[]
  readonly format?: string
  readonly properties?: Readonly<Record<string, Schema>>
  readonly required?: readonly string[]
  readonly items?: Schema
  readonly minimum?: number
  readonly maximum?: number
  readonly minLength?: number
}

/** Values that mean something here, by the name of the field or parameter. */
export type Hints = Readonly<Record<string, readonly unknown[]>>

export const oddText: fc.Arbitrary<string> = fc.oneof(
  fc.constantFrom(
    '',
    ' ',
    '\u0000',
    'a\u0000b',
    '\ud800',
    '\udfff\ud800',
    '\u202egnp.exe',
    '\ufeff',
    '\u2028',
    'ﷺ'.repeat(50),
    'Z̷̢a̸l̶g̵o̴',
    '🧑‍🧑‍🧒‍🧒',
    'İıſK',
    '../../etc/passwd',
    '..\\..\\windows',
    '/etc/passwd',
    'C:\\x',
    "'; DROP TABLE jobs; --",
    '" OR 1=1 --',
    '%s%n%x',
    '{{7*7}}',
    '<script>alert(1)</script>',
    '__proto__',
    'constructor',
    'toString',
    'NaN',
    'null',
    '1e999',
    '-0',
    '0x10',
    '2026-02-30T25:61:61Z',
    '9999999-01-01T00:00:00Z',
    '0000-01-01T00:00:00Z',
    'NEAR(a b)',
    'a* OR "',
    '* * * * * * *',
    'Europe/../Berlin',
  ),
  fc.string({ unit: 'binary', maxLength: 40 }),
  fc.string({ unit: 'grapheme', maxLength: 20 }),
  fc.integer({ min: 200, max: 20_000 }).map((length) => 'x'.repeat(length)),
)

const oddNumber = fc.oneof(
  fc.constantFrom(0, -1, 1.5, -0, 1e308, -1e308, 5e-324, 2 ** 31, 2 ** 32, 2 ** 53, 2 ** 63, -(2 ** 63), 1e21),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.integer(),
)

/** Anything JSON can say. */
export const junk: fc.Arbitrary<unknown> = fc.oneof(
  { weight: 3, arbitrary: oddText },
  { weight: 3, arbitrary: oddNumber },
  { weight: 2, arbitrary: fc.constantFrom<unknown>(null, true, false, [], {}, [[]], [null], { length: 1e9 }) },
  { weight: 1, arbitrary: fc.jsonValue({ maxDepth: 4, stringUnit: 'binary' }) },
  { weight: 1, arbitrary: fc.array(oddText, { minLength: 50, maxLength: 300 }) },
  {
    weight: 1,
    arbitrary: fc.constantFrom<unknown>(
      { constructor: { prototype: { polluted: true } } },
      { toString: 1, valueOf: 2, hasOwnProperty: 3 },
      { $ref: '#', $gt: '' },
      { toJSON: 'y' },
    ),
  },
)

/** Mostly what the schema asks for; now and then something else, anywhere. */
export function fromSchema(schema: Schema, hints: Hints, name = ''): fc.Arbitrary<unknown> {
  const right = rightly(schema, hints, name)
  const known = hints[name]
  const weighted = [
    { weight: 12, arbitrary: right },
    { weight: 2, arbitrary: junk },
  ]
  return known ? fc.oneof({ weight: 24, arbitrary: fc.constantFrom(...known) }, ...weighted) : fc.oneof(...weighted)
}

function rightly(schema: Schema, hints: Hints, name: string): fc.Arbitrary<unknown> {
  const { type, enum: values, format, minimum = -1, maximum = 1e6, minLength = 0 } = schema
  if (values) return fc.constantFrom(...values)
  if (Array.isArray(type)) return fc.oneof(...type.map((one: string) => rightly({ ...schema, type: one }, hints, name)))
  switch (type) {
    case 'object':
      return objectOf(schema, hints)
    case 'array':
      return fc.array(fromSchema(schema.items ?? {}, hints, name.replace(/s$/, '')), { maxLength: 4 })
    case 'integer':
      return fc.oneof(fc.constantFrom(minimum, maximum, minimum - 1, maximum + 1), fc.integer({ min: 1, max: 20 }))
    case 'number':
      return oddNumber
    case 'boolean':
      return fc.boolean()
    case 'null':
      return fc.constant(null)
    case 'string':
      if (format === 'date-time')
        return fc
          .date({ noInvalidDate: true, min: new Date(0), max: new Date('2100-01-01') })
          .map((date) => date.toISOString())
      return fc.string({ unit: 'grapheme-ascii', minLength, maxLength: 30 })
    default:
      return junk
  }
}

function objectOf({ properties = {}, required = [] }: Schema, hints: Hints): fc.Arbitrary<unknown> {
  const fields = Object.entries(properties).map(([name, schema]) =>
    fc
      .option(fromSchema(schema, hints, name), { nil: undefined, freq: required.includes(name) ? 20 : 1 })
      .map((value) => [name, value] as const),
  )
  const more = fc.oneof(
    { weight: 9, arbitrary: fc.constant(undefined) },
    { weight: 1, arbitrary: fc.tuple(oddText, junk) },
  )
  return fc.tuple(fc.tuple(...fields), more).map(([known, added]) => {
    const given = known.filter(([, value]) => value !== undefined)
    return Object.fromEntries(added ? [...given, added] : given)
  })
}
