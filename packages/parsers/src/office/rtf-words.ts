/** Destinations that hold no text of the document. */
export const skippedWords: ReadonlySet<string> = new Set(
  `colortbl pict shprslt objdata themedata colorschememapping datastore rsidtbl generator xmlnstbl
  latentstyles filetbl revtbl pgptbl mmathPr wgrffmtfilter template nonesttables xe tc rxe bkmkstart bkmkend falt panose private
  userprops ftnsep ftnsepc ftncn aftnsep aftnsepc aftncn nonshppict atnid atndate atnref atnparent atnicn atntime pntxta pntxtb
  pnseclvl listpicture levelnumbers listname objclass objname fldtype background upr deleted`.split(/\s+/),
)

/** Groups whose text counts although `\*` says that a reader may leave them out. */
export const starredBodies: ReadonlySet<string> = new Set([
  'moMathPara',
  'shpinst',
  'shppict',
  'shptxt',
  'do',
  'ud',
  'cs',
  'nesttableprops',
])

/** Words that stand for characters. */
export const wordCharacters: ReadonlyMap<string, string> = new Map([
  ['tab', '\t'],
  ['line', '\n'],
  ['lbr', '\n'],
  ['emspace', ' '],
  ['enspace', ' '],
  ['qmspace', ' '],
  ['~', '\u00a0'],
  ['_', '-'],
  ['emdash', '—'],
  ['endash', '–'],
  ['bullet', '•'],
  ['lquote', '‘'],
  ['rquote', '’'],
  ['ldblquote', '“'],
  ['rdblquote', '”'],
])

const charsets = new Map([
  [0, 1252],
  [77, 10_000],
  [128, 932],
  [129, 949],
  [130, 1361],
  [134, 936],
  [136, 950],
  [161, 1253],
  [162, 1254],
  [163, 1258],
  [177, 1255],
  [178, 1256],
  [186, 1257],
  [204, 1251],
  [222, 874],
  [238, 1250],
  [254, 437],
])

/** Windows code page of a font's `\fcharset`. */
export function charsetPage(charset: number): number | undefined {
  return charsets.get(charset)
}
