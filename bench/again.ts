/** A second `up` and a `plan` on the running cloud: nothing to change. Reach: 3 s each, and no change. Needs a cloud that is up. */
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'

const croque = join(import.meta.dirname, '../croque')
process.stdout.write('what                     s   reach s   changes\n')
for (const command of ['plan', 'up']) {
  const begin = performance.now()
  const result = spawnSync(croque, [command, '--output', 'json'], { encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 })
  const seconds = (performance.now() - begin) / 1000
  const last = JSON.parse(result.stdout.trimEnd().split('\n').at(-1) ?? '{}') as { changes?: Record<string, number> }
  const { unchanged = 0, ...changed } = last.changes ?? {}
  const changes = Object.values(changed).reduce((sum, count) => sum + count, 0)
  process.stdout.write(
    `${command.padEnd(18)} ${seconds.toFixed(1).padStart(7)} ${'3.0'.padStart(9)} ${String(changes).padStart(9)}   (${unchanged} unchanged)\n`,
  )
}
