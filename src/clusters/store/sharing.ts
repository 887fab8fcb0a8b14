/**
 * One run at a time for all who ask: those who ask while a run is under way share the next. Whoever asks is answered by a run that
 * began after it asked.
 */
export function sharing<T>(run: () => Promise<T>): () => Promise<T> {
  let current: Promise<unknown> = Promise.resolve()
  let next: Promise<T> | undefined
  return () => {
    next ??= current
      .catch(() => undefined)
      .then(() => {
        const begun = run()
        current = begun
        next = undefined
        return begun
      })
    return next
  }
}
