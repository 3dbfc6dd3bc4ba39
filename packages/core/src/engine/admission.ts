import { onAbort } from './abort.ts'

/** Lets work in while its weights fit; one that is heavier than the whole limit goes alone. First come, first served. */
export class Admission {
  readonly #limit: number
  #used = 0
  #waiting: { readonly weight: number; readonly enter: () => void }[] = []

  constructor(limit: number) {
    this.#limit = limit
  }

  /** Resolves with the function that gives the weight back. Rejects with the signal's reason when aborted. */
  async enter(weight: number, signal: AbortSignal): Promise<() => void> {
    signal.throwIfAborted()
    if (this.#waiting.length > 0 || !this.#fits(weight)) {
      await new Promise<void>((resolve, reject) => {
        const leave = onAbort(signal, (reason) => {
          this.#waiting = this.#waiting.filter((other) => other !== ticket)
          reject(reason)
          this.#admit()
        })
        const ticket = {
          weight,
          enter: () => {
            leave()
            resolve()
          },
        }
        this.#waiting.push(ticket)
      })
    } else this.#used += weight
    let left = false
    return () => {
      if (left) return
      left = true
      this.#used -= weight
      this.#admit()
    }
  }

  #fits(weight: number): boolean {
    return this.#used === 0 || this.#used + weight <= this.#limit
  }

  #admit(): void {
    while (this.#waiting[0] && this.#fits(this.#waiting[0].weight)) {
      const next = this.#waiting.shift()!
      this.#used += next.weight
      next.enter()
    }
  }
}
