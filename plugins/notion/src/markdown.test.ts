import { expect, test } from 'vitest'
import { cleanMarkdown } from './markdown.ts'
import { childrenIn } from './pages.ts'

test.each([
  [
    'callouts',
    '<callout icon="💡" color="blue">\n\tMind **this**.\n\tAnd that.\n</callout>',
    '> [!NOTE] 💡\n> Mind **this**.\n> And that.',
  ],
  [
    'toggles',
    '<details color="gray">\n<summary>More</summary>\n\tinside\n</details>\nafter',
    '**More**\n\ninside\nafter',
  ],
  [
    'columns',
    '<columns>\n\t<column>\n\t\tleft\n\t</column>\n\t<column>\n\t\tright\n\t</column>\n</columns>',
    'left\nright',
  ],
  ['colours', '# Title {color="red"}', '# Title'],
  ['toggle headings', '## More {toggle="true" color="red"}', '## More'],
  ['pages', '<page url="https://www.notion.so/abc">Child</page>', '[Child](https://www.notion.so/abc)'],
  ['users', 'ask <mention-user url="user://1">Ann</mention-user>', 'ask @Ann'],
  ['dates', 'by <mention-date start="2026-01-01" end="2026-01-03"/>', 'by 2026-01-01 → 2026-01-03'],
  ['spans', 'a <span color="red">red</span> word', 'a red word'],
  [
    'signed files',
    '![x](https://prod-files-secure.s3.us-west-2.amazonaws.com/a/b.png?X-Amz-Signature=123)',
    '![x](https://prod-files-secure.s3.us-west-2.amazonaws.com/a/b.png)',
  ],
  ['inline code', 'use `<page url="x">` or ``{color="red"}``', 'use `<page url="x">` or ``{color="red"}``'],
  ['nested lists', '1. a\n\t- b\n\t\t- c', '1. a\n    - b\n        - c'],
  ['a callout on one line', '<callout icon="x">text</callout>', '> [!NOTE] x\n> text'],
  ['escaped tags', 'a \\<span color="red"\\>b\\</span\\> c', 'a \\<span color="red"\\>b\\</span\\> c'],
  [
    'code in callouts',
    '<callout>\n\tx\n\t```make\n\tall:\n\t\techo <br>\n\n\n\n\tend:\n\t```\n</callout>\nafter',
    '> [!NOTE]\n> x\n> ```make\n> all:\n> \techo <br>\n> \n> \n> \n> end:\n> ```\n\nafter',
  ],
  ['spans in spans', 'a <span color="red">red <span underline="true">line</span></span>.', 'a red line.'],
  [
    'tables',
    'a\n<table fit-page-width="true" header-row="true">\n<colgroup>\n<col color="red">\n</colgroup>\n<tr color="red">\n<td>**Name**</td>\n<td>How \\| why</td>\n</tr>\n<tr>\n<td color="blue"><mention-user url="user://1">Ann</mention-user></td>\n<td>one<br>two</td>\n</tr>\n</table>\nb',
    'a\n\n| **Name** | How \\| why |\n| --- | --- |\n| @Ann | one two |\n\nb',
  ],
  [
    'tables that tell of tables',
    '<table>\n<tr>\n<td>a \\<td\\> and \\</tr\\></td>\n<td>b</td>\n</tr>\n</table>',
    '| a \\<td\\> and \\</tr\\> | b |\n| --- | --- |',
  ],
  [
    'tables in callouts',
    '<callout>\n\t<table>\n\t\t<tr>\n\t\t\t<td>a</td>\n\t\t</tr>\n\t</table>\n</callout>',
    '> [!NOTE]\n> \n> | a |\n> | --- |\n>',
  ],
  ['line breaks', 'a<br>b\n> c<br/>d', 'a\nb\n> c\n> d'],
  [
    'meeting notes',
    '<meeting-notes>\n\tWeekly\n\t<summary>\n\t\tWe agreed.\n\t</summary>\n\t<notes>\n\t\t- a\n\t</notes>\n</meeting-notes>\nb',
    'Weekly\nWe agreed.\n- a\nb',
  ],
  ['media', '<video source="https://example.com/a.mp4">How</video>', '[How](https://example.com/a.mp4)'],
  ['what is closed twice', '<synced_block url="x">\n\ta\n\t</synced_block>\n</synced_block>\nb', 'a\nb'],
  ['fences', '```html\n<columns> {color="red"}\n```', '```html\n<columns> {color="red"}\n```'],
  ['unsupported blocks', '<unknown url="https://www.notion.so/a#b" alt="bookmark"/>', '(bookmark)'],
])('%s', (_, given, expected) => {
  expect(cleanMarkdown(given)).toBe(expected)
})

test.each([
  '<page url="x" ',
  '<page>',
  '`a ',
  '``a ',
  '```a\n',
  '<span ',
  '<br',
  '{color="',
  'https://amazonaws.com',
  ' \t',
  '<callout>',
  '<callout>\n',
  '<table>\n',
  '<tr>',
  '<table>\n<tr><td>',
  '<unknown ',
  '<file>',
  '<mention-date ',
  '\\<',
])(
  'a long text of %j takes no long time',
  (piece) => {
    const text = piece.repeat(200_000 / piece.length)
    const before = performance.now()
    cleanMarkdown(text)
    childrenIn(text)
    expect(performance.now() - before).toBeLessThan(8_000)
  },
  30_000,
)
