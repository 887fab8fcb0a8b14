/**
 * Makes one thing where the service knows no unique names (networks, routers, servers): found by name before it is made,
 * and settled afterwards when another run made one at the same time.
 *
 * Who sees nothing else of that name after its own creation keeps it. Of two that see each other the one with the smaller id
 * waits for the other to give way; when that does not happen (it was kept before ours was made), it gives way itself.
 * So at most one is kept, whatever the order, and a run killed in between leaves what the next run finds and tidies.
 */
import { CroqueError } from '../errors/index.ts'
import { isDoubtful } from './failure.ts'
import { pause } from './pause.ts'

interface Named {
  readonly id: string
}

export interface OnlyOne<T extends Named> {
  /** All of that name that count, the one to prefer first. */
  readonly list: () => Promise<readonly T[]>
  readonly create: () => Promise<T>
  /** Removes one that nobody uses yet; one that is gone or in use is no error. */
  readonly remove: (extra: T) => Promise<void>
  readonly signal?: AbortSignal
  /** How long the smaller id waits for the other to give way, in milliseconds. @default 3000 */
  readonly patienceMs?: number
}

const lookMs = 150

export async function onlyOne<T extends Named>(
  options: OnlyOne<T>,
): Promise<{ readonly value: T; readonly created: boolean }> {
  for (let attempt = 0; attempt < 5; attempt += 1) {
    const [found] = await options.list()
    if (found !== undefined) return { value: found, created: false }
    const made = await options.create().catch((error: unknown) => {
      // Perhaps it was made all the same: look again.
      if (isDoubtful(error) && attempt < 4) return undefined
      throw error
    })
    if (made === undefined) {
      await pause(lookMs * 2 ** attempt, options.signal)
      continue
    }
    if (await isKept(made, options)) return { value: made, created: true }
    await options.remove(made)
  }
  throw new CroqueError('internal', { what: 'two runs kept giving way to each other while making the same thing' })
}

async function isKept<T extends Named>(made: T, options: OnlyOne<T>): Promise<boolean> {
  const end = Date.now() + (options.patienceMs ?? 3000)
  for (;;) {
    const others = (await options.list()).filter((one) => one.id !== made.id)
    if (others.length === 0) return true
    if (others.some((one) => one.id < made.id) || Date.now() > end) return false
    await pause(lookMs, options.signal)
  }
}
