const marker =
  /^(?:[•▪‣◦●○■□∙·–➢➤✓*-]|\(?[0-9a-z]{1,4}[.)]|[ivx]{1,5}[.)]|\[[^\]]{1,8}\]|[a-z]?\d{0,3}(?:\.\d{1,3})*\.?)$/iu

/** A bullet, the number of an item or of a heading, by itself. */
export function isMarker(text: string): boolean {
  return text !== '' && text.length < 16 && marker.test(text)
}
