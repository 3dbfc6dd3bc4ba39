import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { promisify } from 'node:util'
import { gunzip } from 'node:zlib'
import type { Picture, Recognized, TextRecognizer } from '@cx/core/engine'
import type { TessBaseAPI, TesseractCore } from 'tesseract.js-core/tesseract-core-simd-lstm.js'
import { dataFileOf } from './languages.ts'

export interface RecognizerOptions {
  readonly languages: readonly string[]
  readonly maxMemoryBytes: number
}

/** https://tesseract-ocr.github.io/tessapi/5.x/a01818.html: OEM_LSTM_ONLY and PSM_AUTO. */
const lstmOnly = 1
const automatic = 3
/** Text on its head is read as well, as nonsense: of 47 where it stands upright with 95. */
const doubtful = 65
const leastLetters = 30
/** EXIF's orientations, each turned by half a circle: https://exiftool.org/TagNames/EXIF.html#EXIF */
const turned = [1, 3, 4, 1, 2, 7, 8, 5, 6]
/** WASM memory never shrinks: an instance that grew beyond this is dropped after its picture. */
const keepMemoryBytes = 192 * 1024 * 1024

/** Compiles Tesseract and reads the languages' data; each instance is made from these. */
export async function openRecognizer({ languages, maxMemoryBytes }: RecognizerOptions): Promise<TextRecognizer> {
  const wasm = createRequire(import.meta.url).resolve('tesseract.js-core/tesseract-core-simd-lstm.wasm')
  const module = await WebAssembly.compile(await readFile(wasm))
  const data = await Promise.all(
    languages.map(async (name) => ({ name, bytes: await promisify(gunzip)(await readFile(dataFileOf(name))) })),
  )
  return new Recognizer(module, data, maxMemoryBytes)
}

interface LanguageData {
  readonly name: string
  readonly bytes: Uint8Array
}

interface Instance {
  readonly core: TesseractCore
  readonly api: TessBaseAPI
  readonly memory: WebAssembly.Memory
}

class Recognizer implements TextRecognizer {
  readonly #module: WebAssembly.Module
  readonly #languages: readonly LanguageData[]
  readonly #maxMemoryBytes: number
  #instance: Instance | undefined

  constructor(module: WebAssembly.Module, languages: readonly LanguageData[], maxMemoryBytes: number) {
    this.#module = module
    this.#languages = languages
    this.#maxMemoryBytes = maxMemoryBytes
  }

  async recognize(picture: Picture, { timeoutMs }: { readonly timeoutMs: number }): Promise<Recognized> {
    const instance = this.#instance ?? (await this.#start())
    // Kept only when all went well: after an abort its memory is in no known state.
    this.#instance = undefined
    const recognized = read(instance, picture, timeoutMs)
    if (instance.memory.buffer.byteLength <= keepMemoryBytes) this.#instance = instance
    return recognized
  }

  async #start(): Promise<Instance> {
    const { default: openCore } = await import('tesseract.js-core/tesseract-core-simd-lstm.js')
    let memory: WebAssembly.Memory | undefined
    const core = await openCore({
      print: () => {},
      printErr: () => {},
      instantiateWasm: (imports, receive) => {
        const instance = new WebAssembly.Instance(this.#module, imports)
        memory = limitMemory(instance, this.#maxMemoryBytes)
        receive(instance)
      },
    })
    for (const { name, bytes } of this.#languages) core.FS.writeFile(`/${name}.traineddata`, bytes)
    const api = new core.TessBaseAPI()
    const names = this.#languages.map(({ name }) => name)
    if (api.Init('/', names.join('+'), lstmOnly) !== 0)
      throw new Error(`Tesseract does not start with the data of ${names.join(', ')}.`)
    for (const name of names) core.FS.unlink(`/${name}.traineddata`)
    api.SetPageSegMode(automatic)
    return { core, api, memory: memory! }
  }
}

function read({ core, api }: Instance, { bytes, orientation = 1, dpi }: Picture, timeoutMs: number): Recognized {
  const end = performance.now() + timeoutMs
  core.TesseractProgress = () => {
    if (performance.now() > end) throw new Error(`The text was not read within ${Math.round(timeoutMs / 1000)} s.`)
  }
  core.FS.writeFile('/input', bytes)
  const upright = readOnce(api, orientation, dpi)
  const { text, confidence } = upright
  const isDoubtful = confidence < doubtful && text.length >= leastLetters
  const hasTime = performance.now() < end - timeoutMs / 2
  const other = isDoubtful && hasTime ? readOnce(api, turned[orientation] ?? 3, dpi) : upright
  core.FS.unlink('/input')
  return other.confidence > confidence ? other : upright
}

function readOnce(api: TessBaseAPI, orientation: number, dpi: number | undefined): Recognized {
  if (api.SetImageFile(orientation, 0) !== 0) throw new Error('The picture is damaged, or of a kind that is not read.')
  if (dpi !== undefined) api.SetSourceResolution(Math.round(dpi))
  if (api.Recognize(null) !== 0) throw new Error('The text of the picture could not be read.')
  const text = api.GetUTF8Text()
  const confidence = text.trim() === '' ? 0 : api.MeanTextConf()
  api.Clear()
  return { text, confidence }
}

/** Emscripten asks this method for more memory, and takes an error for a no. */
function limitMemory({ exports }: WebAssembly.Instance, maxBytes: number): WebAssembly.Memory {
  const memory = Object.values(exports).find((one) => one instanceof WebAssembly.Memory)
  if (memory === undefined) throw new Error('The WASM module of Tesseract has no memory of its own.')
  const pageBytes = 65_536
  memory.grow = (pages) => {
    if (memory.buffer.byteLength + pages * pageBytes > maxBytes) throw new RangeError('out of memory')
    return WebAssembly.Memory.prototype.grow.call(memory, pages)
  }
  return memory
}
