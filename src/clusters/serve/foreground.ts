/** The service from its beginning to its end. */
import { type ServeOptions, serve } from './serve.ts'

/** Serves until the signal aborts, and has ended when it resolves. Rejects when it cannot begin, or a part of it broke. */
export async function serveUntil(options: ServeOptions, signal: AbortSignal): Promise<void> {
  const { log } = options
  const begun = performance.now()
  const served = await serve(options)
  try {
    log({ level: 'INFO', message: `Serving at ${served.url}, for operators at ${served.operatorUrl}` })
    const ready = served.ready.then(() => {
      const seconds = ((performance.now() - begun) / 1000).toFixed(2)
      log({ level: 'INFO', message: `Ready after ${seconds} s` })
    })
    ready.catch(() => undefined)
    await Promise.race([aborted(signal), served.broken])
  } finally {
    log({ level: 'INFO', message: 'Stopping: requests under way may end' })
    await served.stop()
  }
}

const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve()
    signal.addEventListener('abort', () => resolve(), { once: true })
  })
