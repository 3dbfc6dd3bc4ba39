import { createRequire } from 'node:module'
import { join } from 'node:path'

/** Beside this package, and where the operator installs plugins. */
const places = [import.meta.url, join(process.cwd(), 'package.json')]
/** The network with whole numbers: as good as the larger ones on scanned text, and a quarter of their size. */
const variants = ['4.0.0_best_int', '4.0.0']

/** The file with the data of a language. @throws Error that says what to install */
export function dataFileOf(language: string): string {
  if (!/^[a-z]{3}(?:_[a-z]+)*$/i.test(language))
    throw new Error(
      `${JSON.stringify(language)} is no language of Tesseract: its codes are such as "eng" or "chi_sim".`,
    )
  const name = `@tesseract.js-data/${language}`
  for (const place of places)
    for (const variant of variants) {
      try {
        return createRequire(place).resolve(`${name}/${variant}/${language}.traineddata.gz`)
      } catch {
        // Not here.
      }
    }
  throw new Error(
    `The data of the language ${JSON.stringify(language)} is not installed. Where cx is installed, run: npm install ${name}`,
  )
}
