/** Keys that take long to make (an RSA key 75 ms of a processor, by bad luck a few times that): some are made before anybody asks. */
import type { RawKeyPair } from '../../pki/index.ts'
import type { Clock } from '../clock/index.ts'

export interface KeyStock {
  /** A key that nobody else has, or will have. What is taken is made anew a while later, when whoever took it is done. */
  take(): Promise<RawKeyPair>
  /** Begins to make what is missing, one key after the other. What hinders that shows when a key is taken. */
  fill(): void
}

const most = 2
const restMs = 1000

export function keyStock(make: () => Promise<RawKeyPair>, clock: Pick<Clock, 'after'>): KeyStock {
  const made: RawKeyPair[] = []
  let filling = false
  const makeMissing = async (): Promise<void> => {
    if (filling) return
    filling = true
    try {
      while (made.length < most) made.push(await make())
    } finally {
      filling = false
    }
  }
  const fill = (): void => {
    makeMissing().catch(() => undefined)
  }
  return {
    take: async () => {
      const key = made.pop() ?? (await make())
      clock.after(restMs, fill)
      return key
    },
    fill,
  }
}
