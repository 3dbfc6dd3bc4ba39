import type { Delivery, Receipt, SourceConnector } from '@cx/core'
import type { Bench } from '../driver/bench.ts'
import { canonical } from '../driver/compare.ts'
import { validate } from '../driver/schema.ts'
import { accepts, delivery, sign } from '../driver/verify.ts'
import type { SampleDelivery, World } from '../fixture.ts'
import { describeError, type Law, must, NotApplicable, needs, show } from '../law.ts'

type Webhook = NonNullable<SourceConnector['webhook']>

const garbage = [
  '',
  'null',
  '[]',
  '{}',
  '"text"',
  '42',
  '{"a":',
  '\u0000\u0001',
  '<xml/>',
  '[[[[[[]]]]]]',
  '{"__proto__":{}}',
  'a=1&b=2',
]

export const webhookLaws: readonly Law[] = [
  {
    id: 'webhook.genuine',
    group: 'webhook',
    reason: 'What the source really sends is accepted, and means what it says.',
    needs: '`webhook`, `webhook` of the fixture',
    async run(bench) {
      const { webhook, world, samples, secret, config } = await withSamples(bench)
      for (const sample of samples) {
        const given = delivery(sample, sign(webhook.verify, sample, secret, world.sign))
        must(await accepts(webhook.verify, given, secret), `a genuine delivery is refused: ${show(sample.body, 100)}`)
        const receipt = webhook.receive(given, config as never)
        must(
          receipt.kind === sample.expect,
          `${show(sample.body, 100)} was taken as ${receipt.kind}; expected ${sample.expect}`,
        )
        if (receipt.kind === 'affected' && sample.paths)
          must(
            canonical([...receipt.paths].sort()) === canonical([...sample.paths].sort()),
            `affected paths are ${show(receipt.paths)}; expected ${show(sample.paths)}`,
          )
      }
      return `${samples.length} deliveries`
    },
  },
  {
    id: 'webhook.forged',
    group: 'webhook',
    reason:
      'Anybody can send to this address: forged, altered and unsigned deliveries are refused, and without a secret all are.',
    needs: '`webhook`, `webhook` of the fixture',
    async run(bench) {
      const { webhook, world, samples, secret } = await withSamples(bench)
      for (const sample of samples) {
        // Whoever can do the handshake has proven nothing yet; some sources do not sign it.
        if (sample.expect === 'handshake') continue
        const signed = sign(webhook.verify, sample, secret, world.sign)
        const other = sign(webhook.verify, sample, `${secret}-forged`, world.sign)
        const altered = { ...sample, body: `${sample.body} ` }
        const refused: Record<string, [Delivery, string]> = {
          unsigned: [delivery(sample), secret],
          'signed with another secret': [delivery(sample, other), secret],
          'unsigned, with no secret set': [delivery(sample), ''],
          'signed with the empty secret, with no secret set': [
            delivery(sample, sign(webhook.verify, sample, '', world.sign)),
            '',
          ],
        }
        // A shared token or certificate does not cover the body; only what signs it can notice.
        if (webhook.verify.kind === 'hmac') refused['altered after signing'] = [delivery(altered, signed), secret]
        for (const [what, [given, key]] of Object.entries(refused))
          must(!(await accepts(webhook.verify, given, key)), `a delivery that is ${what} is accepted`)
      }
      return undefined
    },
  },
  {
    id: 'webhook.replayed',
    group: 'webhook',
    reason:
      'A recorded delivery sent again is refused when the source signs its time, and recognised by its id otherwise.',
    needs: '`webhook`, `webhook` of the fixture',
    async run(bench) {
      const { webhook, world, samples, secret, config } = await withSamples(bench)
      const news = samples.filter((sample) => sample.expect === 'affected' || sample.expect === 'resync')
      if (news.length === 0) throw new NotApplicable('the fixture has no delivery that is `affected` or `resync`')
      for (const sample of news) {
        const headers = sign(webhook.verify, sample, secret, world.sign)
        const hourLater = Date.now() + 3_600_000
        if (!(await accepts(webhook.verify, delivery(sample, headers, hourLater), secret))) continue
        const first = webhook.receive(delivery(sample, headers), config as never)
        const again = webhook.receive(delivery(sample, headers, hourLater), config as never)
        must(
          idOf(first) !== undefined,
          'an old delivery is accepted an hour later and has no deliveryId: declare `timestampHeader`, or give the id',
        )
        must(
          idOf(first) === idOf(again),
          `a repeated delivery has the id ${show(idOf(again))} instead of ${show(idOf(first))}`,
        )
      }
      return undefined
    },
  },
  {
    id: 'webhook.total',
    group: 'webhook',
    reason: '`receive` is pure and never throws: deliveries come late, twice, in any order and malformed.',
    needs: '`webhook`',
    async run(bench) {
      const webhook = needs(bench.connector.webhook, 'the connector has no `webhook`')
      const world = await bench.world()
      const config = configOf(bench, world)
      const samples = world.webhook?.deliveries ?? []
      const headers = samples[0]?.headers ?? {}
      const all: SampleDelivery[] = [
        ...samples,
        ...garbage.flatMap((body): SampleDelivery[] => [
          { headers: {}, body, expect: 'ignored' },
          { headers, body, expect: 'ignored' },
        ]),
      ]
      const receive = (sample: SampleDelivery): Receipt => {
        try {
          return webhook.receive(delivery(sample, {}, 1_700_000_000_000), config as never)
        } catch (error) {
          must(false, `receive threw ${describeError(error)} on ${show(sample.body, 80)}; answer ignored(reason)`)
          throw error
        }
      }
      const forward = all.map(receive)
      const backward = all.toReversed().map(receive).toReversed()
      for (const [index, receipt] of forward.entries()) {
        must(
          ['affected', 'resync', 'ignored', 'handshake'].includes(receipt?.kind),
          `receive gave ${show(receipt)} on ${show(all[index]!.body, 80)}`,
        )
        must(
          canonical(receipt) === canonical(backward[index]),
          `receive is not pure: ${show(all[index]!.body, 80)} means something else in another order`,
        )
      }
      if (webhook.verify.kind === 'custom')
        for (const sample of all)
          must(
            !(await webhook.verify.verify(delivery({ ...sample, headers: {} }), 'cx-wrong-secret')),
            'verify accepts a delivery without any header',
          )
      return `${all.length} deliveries`
    },
  },
]

async function withSamples(bench: Bench): Promise<{
  webhook: Webhook
  world: NonNullable<World['webhook']>
  samples: readonly SampleDelivery[]
  secret: string
  config: unknown
}> {
  const webhook = needs(bench.connector.webhook, 'the connector has no `webhook`')
  const whole = await bench.world()
  const world = needs(whole.webhook, 'the fixture has no `webhook`')
  if (webhook.verify.kind === 'custom' && world.sign === undefined)
    throw new NotApplicable("the fixture has no `webhook.sign` for the connector's own verification")
  return { webhook, world, samples: world.deliveries, secret: world.secret, config: configOf(bench, whole) }
}

function configOf(bench: Bench, world: World): unknown {
  const checked = validate(bench.connector.config, world.webhook?.config ?? world.config)
  must(checked.ok, () => `the fixture's config is refused: ${show(checked)}`)
  return checked.value
}

function idOf(receipt: Receipt): string | undefined {
  return receipt.kind === 'handshake' ? undefined : receipt.deliveryId
}
