import type { RecognitionEngine } from '@cx/core/engine'
import type { RecognitionOptions } from '@cx/parsers'
import { addressOf } from './plugins.ts'
import { type Settings, SettingsError } from './settings.ts'

/** The engine that `CX_OCR` names; undefined when it is off. @throws SettingsError when something is not installed */
export async function findRecognition({ ocr }: Pick<Settings, 'ocr'>): Promise<RecognitionOptions | undefined> {
  if (ocr === undefined) return undefined
  const { package: name, languages } = ocr
  let module: string
  try {
    module = addressOf(name)
  } catch {
    throw new SettingsError(
      `CX_OCR needs ${name}, which is not installed. Where cx is installed, run: npm install ${name}`,
    )
  }
  const { default: engine } = (await import(module)) as { readonly default?: Partial<RecognitionEngine> }
  if (typeof engine?.id !== 'string' || engine.check === undefined || engine.open === undefined)
    throw new SettingsError(`CX_OCR names ${name}, whose default export is no RecognitionEngine of @cx/core/engine.`)
  try {
    await engine.check(languages)
  } catch (error) {
    throw new SettingsError(`CX_OCR_LANGUAGES: ${error instanceof Error ? error.message : String(error)}`)
  }
  return { module, id: engine.id, languages }
}
