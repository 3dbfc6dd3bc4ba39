import { decodeHTML } from 'entities'

const timing = /^\s*(?:(\d{1,3}):)?(\d{1,2}):(\d{2})[.,]\d{1,3}\s+-->\s/
const voice = /<v(?:\.[^\s>]{0,60})?\s+([^>]{1,100})>/g
const tags = /<\/?[^<>\n]{0,100}>|\{\\[^{}\n]{0,100}\}/g

/**
 * Subtitles (SubRip, WebVTT) as what is said, each cue behind the time when it is shown. Numbers and positions of
 * cues, styles and regions are for players. https://www.w3.org/TR/webvtt1/
 */
export function subtitlesToMarkdown(text: string): string {
  const out: string[] = []
  for (const block of text.replaceAll('\r\n', '\n').split(/\n[ \t]*\n/)) {
    const lines = block.split('\n')
    const at = lines.findIndex((line) => timing.test(line))
    if (at === -1) {
      if (!/^\s*(\uFEFF?WEBVTT|STYLE|REGION|NOTE)\b/.test(block) && !/^\d*$/.test(block.trim())) out.push(block.trim())
      const note = /^\s*(?:NOTE|\uFEFF?WEBVTT(?: -)?)\s+(\S[\s\S]*)$/.exec(block)
      if (note !== null) out.push(note[1]!.trim())
      continue
    }
    const [, hours = '0', minutes = '0', seconds = '0'] = timing.exec(lines[at]!) ?? []
    const said = lines
      .slice(at + 1)
      .map((line) => decodeHTML(line.replace(voice, '$1: ').replace(tags, '')).trim())
      .filter((line) => line !== '')
    if (said.length > 0)
      out.push(`[${hours.padStart(2, '0')}:${minutes.padStart(2, '0')}:${seconds}] ${said.join('\n')}`)
  }
  return out.join('\n\n')
}
