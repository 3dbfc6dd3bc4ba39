import 'reflect-metadata'
import { container, instanceCachingFactory } from 'tsyringe'

/** Names a part and carries its type. */
export interface Token<T> {
  readonly name: string
  readonly type?: T
}

type Parts<D> = { readonly [K in keyof D]: D[K] extends Token<infer T> ? T : never }

export interface Injector {
  /** Says how a part is made from others; it is made once, when it is first asked for. */
  provide<T, D extends Readonly<Record<string, Token<unknown>>>>(
    token: Token<T>,
    needs: D,
    make: (parts: Parts<D>) => T | Promise<T>,
  ): void
  /** @throws Error that names the parts of a cycle. */
  get<T>(token: Token<T>): Promise<T>
}

/** tsyringe with typed tokens, asynchronous factories and cycles that are named instead of overflowing the stack. */
export function createInjector(): Injector {
  const scope = container.createChildContainer()
  const making: string[] = []
  const get = <T>({ name }: Token<T>) => scope.resolve<Promise<T>>(name)
  return {
    get,
    provide: ({ name }, needs, make) => {
      const create = () => {
        if (making.includes(name)) throw new Error(`These parts need each other: ${[...making, name].join(' → ')}.`)
        making.push(name)
        try {
          const parts = Object.entries(needs).map(async ([key, token]) => [key, await get(token)] as const)
          return Promise.all(parts).then((all) => make(Object.fromEntries(all) as never))
        } finally {
          making.pop()
        }
      }
      scope.register(name, { useFactory: instanceCachingFactory(create) })
    },
  }
}
