/** Before all e2e tests: what a run that was killed left on this machine is taken away, as every test begins with nothing. */
import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'

const croque = resolve(import.meta.dirname, '../../croque')

export default function setup(): void {
  const states = process.env['CROQUE_STATE_DIR'] ?? '/var/lib/croque'
  // Names that begin so belong to these tests.
  const names = existsSync(states) ? readdirSync(states).filter((name) => /^e2e(-|$)/.test(name)) : []
  const directory = mkdtempSync(join(tmpdir(), 'croque-leftovers-'))
  for (const name of names) {
    const document = join(directory, `${name}.yaml`)
    writeFileSync(
      document,
      JSON.stringify({ apiVersion: 'croque.dev/v1alpha1', kind: 'Cloud', metadata: { name }, spec: {} }),
    )
    process.stdout.write(`taking away ${name}, which an earlier run left\n`)
    const { status, stderr } = spawnSync(croque, ['down', '--file', document, '--yes'], { encoding: 'utf8' })
    if (status !== 0) throw new Error(`down of ${name}: ${stderr}`)
    rmSync(join(states, name), { recursive: true, force: true })
  }
  rmSync(directory, { recursive: true })
}
