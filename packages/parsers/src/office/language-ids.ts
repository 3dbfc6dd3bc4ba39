/** Tags and Windows code pages of languages by the low ten bits of their LCID ([MS-LCID]); `en/1252` where left out. */
const languages =
  'ar/1256 bg/1251 ca/1252 zh/936 cs/1250 da/1252 de/1252 el/1253 en/1252 es/1252 fi/1252 fr/1252 he/1255 hu/1250 is/1252 it/1252 ja/932 ko/949 nl/1252 no/1252 pl/1250 pt/1252 rm/1252 ro/1250 ru/1251 hr/1250 sk/1250 sq/1250 sv/1252 th/874 tr/1254 ur/1256 id/1252 uk/1251 be/1251 sl/1250 et/1257 lv/1257 lt/1257 tg/1251 fa/1256 vi/1258 hy/1252 az/1254 eu/1252'
    .split(' ')
    .map((entry) => entry.split('/') as [tag: string, page: string])

/** Where the region tells how it is written, or is usually told. */
const regions = new Map([
  [0x0404, 'zh-TW'],
  [0x0804, 'zh-CN'],
  [0x0c04, 'zh-HK'],
  [0x0409, 'en-US'],
  [0x0809, 'en-GB'],
  [0x0416, 'pt-BR'],
  [0x0816, 'pt-PT'],
  [0x0814, 'nn'],
  [0x0414, 'nb'],
  [0x0c1a, 'sr'],
  [0x081a, 'sr'],
])

function languageTag(lcid: number): string | undefined {
  // 0x400 is "no proofing", 0x7f no language at all.
  return lcid === 0 || lcid === 0x0400 ? undefined : (regions.get(lcid) ?? languages[(lcid & 0x3ff) - 1]?.[0])
}

/** Windows code page in which a language was written before Unicode. */
export function codePageOf(lcid: number): number {
  if (lcid === 0x0404 || lcid === 0x0c04) return 950
  if (lcid === 0x0c1a) return 1251
  return Number(languages[(lcid & 0x3ff) - 1]?.[1] ?? 1252)
}

const eastAsian = /[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]/g
const sampleChars = 2000

/** The language a document says its text has; undefined where the text shows that it has another, as with East Asian text. */
export function languageOfText(lcid: number, text: string): string | undefined {
  const tag = languageTag(lcid)
  if (tag === undefined || /^(ja|ko|zh)/.test(tag)) return tag
  const sample = text.slice(0, sampleChars)
  return (sample.match(eastAsian)?.length ?? 0) > sample.length / 20 ? undefined : tag
}
