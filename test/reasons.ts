/** Vitest prints an error's message; what a `CroqueError` knows of the cause is told with it. */
import { afterEach } from 'vitest'

afterEach(({ task }) => {
  for (const error of task.result?.errors ?? [])
    if (typeof error['why'] === 'string') error.message += `\n${error['why']}`
})
