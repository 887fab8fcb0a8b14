/** The process: the only file that reads `process`. */
import { homedir } from 'node:os'
import { dirname, join } from 'node:path'
import { CroqueError } from '../errors/index.ts'
import { runCli } from './cli.ts'
import type { Machine } from './command.ts'
import { commands } from './commands.ts'

function machine(signal: AbortSignal): Machine {
  const env = Object.fromEntries(
    Object.entries(process.env).flatMap(([key, value]) => (value === undefined ? [] : [[key, value]])),
  )
  const isRoot = process.getuid?.() === 0
  const ownCache = isRoot ? '/var/cache' : (env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'))
  const ownState = isRoot ? '/var/lib' : (env['XDG_STATE_HOME'] ?? join(homedir(), '.local/state'))
  const cacheDir = env['CROQUE_CACHE_DIR'] ?? join(ownCache, 'croque')
  return {
    env,
    stdin: process.stdin,
    stdout: process.stdout,
    stderr: process.stderr,
    isTTY: process.stdout.isTTY === true,
    cwd: process.cwd(),
    repoDir: dirname(dirname(import.meta.dirname)),
    stateDir: env['CROQUE_STATE_DIR'] ?? join(ownState, 'croque'),
    cacheDir,
    signal,
    now: Date.now,
    whyNoLxc: async () => await (await import('./lxc.ts')).whyNoLxc({ cacheDir, signal }),
  }
}

/** The first signal asks everything to stop cleanly, the second ends the process at once. */
function interruption(): AbortSignal {
  const controller = new AbortController()
  for (const name of ['SIGINT', 'SIGTERM'] as const) {
    process.on(name, () => {
      if (controller.signal.aborted) process.exit(130)
      controller.abort(new CroqueError('interrupted', { what: `Interrupted by ${name}` }))
    })
  }
  return controller.signal
}

process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0)
  throw error
})
process.exitCode = await runCli(process.argv.slice(2), machine(interruption()), commands)
