import { describe, expect, it } from 'vitest'
import { refusal, run } from '../../test/make-documents.ts'
import { sniff } from '../sniff.ts'
import { eml } from './eml.ts'
import { ics } from './ics.ts'

const calendar = (...entries: readonly string[]): string =>
  `BEGIN:VCALENDAR\r\nX-WR-CALNAME:Ours\r\nMETHOD:REQUEST\r\n${entries.join('')}END:VCALENDAR\r\n`
const meeting = `BEGIN:VEVENT\r
UID:1@x\r
SUMMARY;LANGUAGE=en:Plan\\, then\r
 \\; act\r
DTSTART;TZID="Europe/Berlin":20240506T090000\r
DURATION:PT1H30M\r
RRULE:FREQ=WEEKLY;BYDAY=MO;COUNT=3\r
LOCATION:Room 1\r
ORGANIZER;CN="Ann: the first":mailto:ann@x.example\r
ATTENDEE;PARTSTAT=ACCEPTED;CN=Bob:MAILTO:bob@x.example\r
ATTENDEE:mailto:cy@x.example\r
DESCRIPTION:First\\nSecond\r
CREATED:20240501T101112Z\r
BEGIN:VALARM\r
DESCRIPTION:Wake up\r
END:VALARM\r
END:VEVENT\r
`
const task = 'BEGIN:VTODO\r\nSUMMARY:Do\r\nDUE;VALUE=DATE:20240507\r\nSTATUS:NEEDS-ACTION\r\nEND:VTODO\r\n'
const facts =
  '- Meeting: invitation\n- Starts: 2024-05-06 09:00 (Europe/Berlin)\n- Lasts: 1 h 30 min\n- Repeats: weekly, byday MO, count 3\n- Location: Room 1\n- Organizer: Ann: the first <ann@x.example>\n- Attendees: Bob <bob@x.example> (accepted), cy@x.example'

describe('a calendar', () => {
  it('of one meeting is a document about it', async () => {
    const output = await run(ics, calendar(meeting))
    expect(output).toEqual({
      markdown: `# Plan, then; act\n\n${facts}\n\nFirst\nSecond`,
      title: 'Plan, then; act',
      author: 'Ann: the first <ann@x.example>',
      createdAt: '2024-05-01T10:11:12.000Z',
      metadata: { entries: 1 },
    })
  })

  it('of several has a heading for each', async () => {
    const { markdown, title } = await run(ics, calendar(meeting, task))
    expect(title).toBe('Ours')
    expect(markdown).toContain('\n\n## Do\n\n- Meeting: invitation\n- Due: 2024-05-07\n- Status: needs-action')
  })

  it('is known by its bytes; without entries it is empty, cut short it is read as far as it goes', async () => {
    expect(sniff(Buffer.from(calendar()), { filename: 'calendar' }).format).toBe('ics')
    expect(await refusal(ics, calendar())).toMatch(/^empty/)
    expect((await run(ics, calendar(meeting).slice(0, 120))).markdown).toContain('Meeting')
    expect((await run(ics, 'no calendar')).markdown).toBe('no calendar')
  })
})

describe('an invitation in a mail', () => {
  const mail = (text: string, ...more: readonly string[]): string =>
    `Subject: Plan\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: multipart/alternative; boundary=a\r\n\r\n--a\r\n\r\n${text}\r\n--a\r\nContent-Type: text/calendar; method=REQUEST; charset=utf-8\r\n\r\n${calendar(meeting)}\r\n--a--\r\n${more.map((content) => `--b\r\nContent-Type: application/ics; name=invite.ics\r\n\r\n${content}\r\n`).join('')}--b--\r\n`

  it('says when and where, once', async () => {
    const output = await run(eml, mail('Come!', calendar(meeting), calendar(task)))
    expect(output.markdown).toBe(`# Plan\n\n${facts}\n\nCome!`)
    expect(output.children?.map(({ path, bytes }) => [path, Buffer.from(bytes).toString()])).toEqual([
      ['invite.ics', calendar(task)],
    ])
  })

  it('has its description where the mail has no text of its own', async () => {
    expect((await run(eml, mail(''))).markdown).toBe(`# Plan\n\n${facts}\n\nFirst\nSecond`)
  })
})
