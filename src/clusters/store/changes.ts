/** Tells that clusters changed: each once, however many writes came together, and never within the write itself. */
export interface Changes {
  touch(clusterId: string): void
  listen(listener: (clusterId: string) => void): () => void
}

export function createChanges(): Changes {
  const listeners = new Set<(clusterId: string) => void>()
  let touched = new Set<string>()

  const tell = (): void => {
    const told = touched
    touched = new Set()
    for (const clusterId of told) for (const listener of [...listeners]) listener(clusterId)
  }
  return {
    touch: (clusterId) => {
      if (listeners.size === 0) return
      if (touched.size === 0) setImmediate(tell)
      touched.add(clusterId)
    },
    listen: (listener) => {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
  }
}
