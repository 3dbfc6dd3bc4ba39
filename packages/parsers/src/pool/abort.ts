/** One listener a signal, however many documents it is for: thousands of a run share one. */
export class AbortWatch<T> {
  readonly #watched = new Map<AbortSignal, { readonly items: Set<T>; readonly listener: () => void }>()
  readonly #onAbort: (item: T, reason: unknown) => void

  constructor(onAbort: (item: T, reason: unknown) => void) {
    this.#onAbort = onAbort
  }

  add(signal: AbortSignal, item: T): void {
    const watched = this.#watched.get(signal)
    if (watched !== undefined) {
      watched.items.add(item)
      return
    }
    const items = new Set([item])
    const listener = (): void => {
      this.#watched.delete(signal)
      for (const each of items) this.#onAbort(each, signal.reason)
    }
    this.#watched.set(signal, { items, listener })
    signal.addEventListener('abort', listener, { once: true })
  }

  delete(signal: AbortSignal, item: T): void {
    const watched = this.#watched.get(signal)
    if (watched === undefined) return
    watched.items.delete(item)
    if (watched.items.size > 0) return
    this.#watched.delete(signal)
    signal.removeEventListener('abort', watched.listener)
  }
}
