import { expect, test } from 'vitest'
import { blocksToMarkdown } from './blocks.ts'
import { mrkdwnToMarkdown, mrkdwnToPlain } from './mrkdwn.ts'
import type { Names } from './people.ts'
import type { Block } from './types.ts'

const names: Names = {
  user: (id) => (id === 'U1' ? 'ann' : id),
  channel: (id) => (id === 'C1' ? 'general' : undefined),
  group: (id) => (id === 'S1' ? 'team' : undefined),
}

test.each([
  ['*bold* and _italic_ and ~gone~', '**bold** and _italic_ and ~~gone~~'],
  ['2*3*4 and snake_case and a~b', '2*3*4 and snake_case and a~b'],
  ['*<@U1> said* hi', '**@ann said** hi'],
  ['<@U1|x> <@U9>', '@ann @U9'],
  ['<#C1|> <#C1|old> <#C2>', '#general #old #C2'],
  ['<!here> <!channel> <!subteam^S1> <!subteam^S2|@ops>', '@here @channel @team @ops'],
  ['<!date^1392734382^{date}|Feb 18, 2014>', 'Feb 18, 2014'],
  ['<https://a.example/x_(y)?a=1&amp;b=2|a [label]>', '[a \\[label\\]](https://a.example/x_%28y%29?a=1&b=2)'],
  ['<https://a.example/a_b_c>', 'https://a.example/a_b_c'],
  ['<mailto:ann@example.com|ann@example.com>', 'ann@example.com'],
  ['`a *b* <@U1> &lt;x&gt;`', '`a *b* <@U1> <x>`'],
  ['List&lt;String&gt; &amp;amp; more', 'List\\<String> &amp; more'],
  ['&gt; quoted\nnot', '> quoted\nnot'],
  ['# no heading', '\\# no heading'],
  ['see\n```\nx = &lt;*y*&gt;\n```', 'see\n\n```\nx = <*y*>\n```\n'],
])('%s', (text, markdown) => {
  expect(mrkdwnToMarkdown(text, names)).toBe(markdown)
})

test('what stands between lists, quotes and code stays apart from them', () => {
  const line = (text: string): Block => ({ type: 'rich_text_section', elements: [{ type: 'text', text }] })
  const list = (indent: number, ...items: string[]): Block => ({
    type: 'rich_text_list',
    style: 'bullet',
    indent,
    elements: items.map(line),
  })
  const elements: Block[] = [
    line('Before:\n'),
    list(0, 'one'),
    list(1, 'deep'),
    list(0, 'two'),
    line('\nbetween\n'),
    { type: 'rich_text_quote', elements: [{ type: 'text', text: 'said' }] },
    line('\n'),
    line('after'),
  ]
  expect(blocksToMarkdown([{ type: 'rich_text', elements }], names)).toBe(
    'Before:\n\n- one\n   - deep\n- two\n\nbetween\n\n> said\n\nafter',
  )
})

test('a title is one line of plain words', () => {
  expect(mrkdwnToPlain('*Hi* <@U1>,\nsee <https://a.example|the plan> &amp; `code`', names)).toBe(
    'Hi @ann, see the plan & code',
  )
})

test('rich text, lists, quotes, code and what apps build', () => {
  const text = (value: string, style?: Block['style']): Block => ({
    type: 'text',
    text: value,
    ...(style ? { style } : {}),
  })
  const blocks: Block[] = [
    {
      type: 'rich_text',
      elements: [
        {
          type: 'rich_text_section',
          elements: [
            text('Hello ', { bold: true }),
            { type: 'user', user_id: 'U1' },
            text(' '),
            { type: 'link', url: 'https://a.example', text: 'plan' },
            { type: 'emoji', name: 'tada', unicode: '1f389' },
            text(' a<b', { code: true }),
          ],
        },
        {
          type: 'rich_text_list',
          style: 'ordered',
          elements: [
            { type: 'rich_text_section', elements: [text('one')] },
            { type: 'rich_text_section', elements: [text('two')] },
          ],
        },
        {
          type: 'rich_text_list',
          style: 'bullet',
          indent: 1,
          elements: [{ type: 'rich_text_section', elements: [text('deep')] }],
        },
        { type: 'rich_text_quote', elements: [text('said\ntwice')] },
        { type: 'rich_text_preformatted', elements: [text('a\n```\nb')] },
      ],
    },
    { type: 'header', text: { type: 'plain_text', text: 'Build <1>' } },
    {
      type: 'section',
      text: { type: 'mrkdwn', text: '*ok* <@U1>' },
      fields: [{ type: 'mrkdwn', text: '*Branch* main' }],
    },
    { type: 'divider' },
    {
      type: 'table',
      rows: [
        [
          { type: 'raw_text', text: 'a' },
          { type: 'raw_text', text: 'b|c' },
        ],
        [{ type: 'raw_text', text: '1' }],
      ],
    },
  ]
  expect(blocksToMarkdown(blocks, names)).toBe(
    [
      '**Hello** @ann [plan](https://a.example)🎉 `a<b`\n\n1. one\n2. two\n   - deep\n\n> said\n> twice\n\n````\na\n```\nb\n````',
      '**Build \\<1>**',
      '**ok** @ann\n\n**Branch** main',
      '| a | b\\|c |\n| --- | --- |\n| 1 |  |',
    ].join('\n\n'),
  )
})
