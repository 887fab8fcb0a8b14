/** How many requests a caller may send: a bucket that fills again. */

export interface RateLimit {
  readonly perSecond: number
  /** At once, after a pause. */
  readonly burst: number
}

export interface RateLimiter {
  /** Zero: go on. Otherwise seconds until the next one may come. */
  admit(caller: string): number
}

interface Bucket {
  left: number
  at: number
}

/** Callers beyond this many push out those who were quiet longest. */
const most = 10_000

/** `now` in milliseconds. */
export function rateLimiter({ perSecond, burst }: RateLimit, now: () => number): RateLimiter {
  const buckets = new Map<string, Bucket>()
  return {
    admit: (caller) => {
      const time = now()
      const before = buckets.get(caller) ?? { left: burst, at: time }
      const left = Math.min(burst, before.left + ((time - before.at) / 1000) * perSecond)
      const admitted = left >= 1
      // Deleted first, so that the map is in the order of last use.
      buckets.delete(caller)
      buckets.set(caller, { left: admitted ? left - 1 : left, at: time })
      const [quietest] = buckets.keys()
      if (buckets.size > most && quietest !== undefined) buckets.delete(quietest)
      return admitted ? 0 : Math.ceil((1 - left) / perSecond)
    },
  }
}
