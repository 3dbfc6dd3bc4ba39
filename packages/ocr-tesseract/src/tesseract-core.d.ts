/** The part of the module that is used: Emscripten's own and the C++ interface of Tesseract. */
declare module 'tesseract.js-core/tesseract-core-simd-lstm.js' {
  // https://tesseract-ocr.github.io/tessapi/5.x/a01625.html
  export interface TessBaseAPI {
    /** 0 when all went well. `mode` 1 is the neural network alone. */
    Init(folder: string, languages: string, mode: number): number
    SetPageSegMode(mode: number): void
    /** Reads `/input`; 0 when all went well. `orientation` as EXIF numbers it, `angle` in radians. */
    SetImageFile(orientation: number, angle: number): number
    SetSourceResolution(dpi: number): void
    /** 0 when all went well. */
    Recognize(monitor: null): number
    GetUTF8Text(): string
    MeanTextConf(): number
    Clear(): void
  }
  export interface TesseractCore {
    readonly TessBaseAPI: new () => TessBaseAPI
    readonly FS: { writeFile(path: string, bytes: Uint8Array): void; unlink(path: string): void }
    /** Called between words with how far it is; what it throws comes out of `Recognize`. */
    TesseractProgress?: (percent: number) => void
  }
  export interface CoreOptions {
    print(line: string): void
    printErr(line: string): void
    instantiateWasm(imports: WebAssembly.Imports, receive: (instance: WebAssembly.Instance) => void): void
  }
  export default function openCore(options: CoreOptions): Promise<TesseractCore>
}
