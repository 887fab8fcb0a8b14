/** Work side by side that ends as one. */

/**
 * Waits for all works that `begin` starts with a signal that aborts when `signal` does or one of them fails: nothing goes on behind
 * an error. Throws the reason of `signal`, or what failed first.
 */
export async function together<const T extends readonly unknown[]>(
  signal: AbortSignal,
  begin: (signal: AbortSignal) => { readonly [K in keyof T]: Promise<T[K]> },
): Promise<T> {
  const failed = new AbortController()
  const works = begin(AbortSignal.any([signal, failed.signal])) as readonly Promise<unknown>[]
  for (const work of works) work.catch((error: unknown) => failed.abort(error))
  await Promise.allSettled(works)
  signal.throwIfAborted()
  failed.signal.throwIfAborted()
  return (await Promise.all(works)) as unknown as T
}
