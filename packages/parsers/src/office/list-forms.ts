const digits = '〇一二三四五六七八九'
const units = ['', '十', '百', '千']

/** 1 to 9,999 as Chinese and Japanese count: 一百二十三; ten to nineteen without a one in front. */
function counting(count: number): string {
  let out = ''
  let gap = false
  for (let place = 3; place >= 0; place--) {
    const digit = Math.floor(count / 10 ** place) % 10
    if (digit === 0) gap = out !== ''
    else {
      if (gap) out += '零'
      gap = false
      out += (digit === 1 && place === 1 && out === '' ? '' : digits[digit]!) + units[place]!
    }
  }
  return out
}

/** From a first character on, as many as there are. */
function row(first: number, length: number): (count: number) => string | undefined {
  return (count) => (count >= 1 && count <= length ? String.fromCharCode(first + count - 1) : undefined)
}

/** One of these after the other; Word begins again after the last. */
function signs(all: string): (count: number) => string | undefined {
  return (count) => (count >= 1 ? all[(count - 1) % all.length] : undefined)
}

const east = (count: number): string | undefined => (count >= 1 && count < 10_000 ? counting(count) : undefined)
const placed = (count: number): string => [...String(count)].map((digit) => digits[Number(digit)] ?? digit).join('')
const circle = row(0x2460, 20)
const aiueo = signs('アイウエオカキクケコサシスセソタチツテトナニヌネノハヒフヘホマミムメモヤユヨラリルレロワヲン')
const iroha = signs('イロハニホヘトチリヌルヲワカヨタレソツネナラムウヰノオクヤマケフコエテアサキユメミシヱヒモセスン')
const zodiac = signs('子丑寅卯辰巳午未申酉戌亥')
const russian = 'абвгдежзиклмнопрстуфхцчшщыэюя'

/** Forms of numbers beyond those of the Latin alphabet, by the names OOXML gives them (ECMA-376 part 1, 17.18.59). */
export const listForms: Readonly<Record<string, (count: number) => string | undefined>> = {
  numberInDash: (count) => `- ${count} -`,
  chineseCounting: east,
  chineseCountingThousand: east,
  japaneseCounting: east,
  taiwaneseCounting: east,
  taiwaneseCountingThousand: east,
  ideographDigital: placed,
  taiwaneseDigital: placed,
  japaneseDigitalTenThousand: placed,
  ideographTraditional: signs('甲乙丙丁戊己庚辛壬癸'),
  ideographZodiac: zodiac,
  ideographEnclosedCircle: row(0x3220, 10),
  decimalEnclosedCircle: circle,
  decimalEnclosedCircleChinese: circle,
  decimalEnclosedParen: row(0x2474, 20),
  decimalEnclosedFullstop: row(0x2488, 20),
  aiueo,
  aiueoFullWidth: aiueo,
  iroha,
  irohaFullWidth: iroha,
  ganada: signs('가나다라마바사아자차카타파하'),
  chosung: signs('ㄱㄴㄷㄹㅁㅂㅅㅇㅈㅊㅋㅌㅍㅎ'),
  russianLower: signs(russian),
  russianUpper: signs(russian.toUpperCase()),
  hebrew2: signs('אבגדהוזחטיכלמנסעפצקרשת'),
  arabicAlpha: signs('أبتثجحخدذرزسشصضطظعغفقكلمنهوي'),
  arabicAbjad: signs('أبجدهوزحطيكلمنسعفصقرشتثخذضغظ'),
  thaiLetters: signs('กขคงจฉชซฌญฎฏฐฑฒณดตถทธนบปผฝพฟภมยรลวศษสหฬอฮ'),
}
