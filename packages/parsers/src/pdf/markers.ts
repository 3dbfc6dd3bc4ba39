const bullets = '•▪‣◦●○■□∙·–»➢➤✓❖⮚'
const marker = /^(?:[*-]|\(?[0-9a-z]{1,4}[.)]|[ivx]{1,5}[.)]|\[[^\]]{1,8}\]|[a-z]?\d{0,3}(?:\.\d{1,3})*\.?)$/iu

const itemNumber = /^[0-9a-z]{1,3}[.)]$/i

/** Begins with the sign of a list; in fonts of signs they are letters of no alphabet. */
export function isBullet(text: string): boolean {
  const code = text.charCodeAt(0)
  return bullets.includes(text[0]!) || (code >= 0xf020 && code <= 0xf0ff)
}

/** A bullet, the number of an item or of a heading, by itself. */
export function isMarker(text: string): boolean {
  return text !== '' && text.length < 16 && ((text.length === 1 && isBullet(text)) || marker.test(text))
}

/** A sign that cannot be a cell by itself: bullets, and numbers with a dot or a bracket behind them. */
export function isItemMarker(text: string): boolean {
  return text.length === 1 ? isBullet(text) && !'–·'.includes(text) : itemNumber.test(text)
}
