/** Waiting between two looks, ended at once by a signal. */
import { setTimeout as sleep } from 'node:timers/promises'

/** Sleeps; rejects with the signal's reason when it is aborted. */
export async function pause(milliseconds: number, signal?: AbortSignal): Promise<void> {
  await sleep(milliseconds, undefined, signal === undefined ? undefined : { signal }).catch((error: unknown) => {
    signal?.throwIfAborted()
    throw error
  })
}
