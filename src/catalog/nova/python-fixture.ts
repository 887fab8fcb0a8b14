/** Our modules for Nova's programs, with no more of Nova than they name. For tests. */
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll } from 'vitest'

/** `stubs`: what stands in for Nova, by path. @returns runs a script, which gets `input` as JSON by its first argument */
export function pythonWith(stubs: Readonly<Record<string, string>>) {
  const directory = mkdtempSync(join(tmpdir(), 'croque-nova-'))
  afterAll(() => rmSync(directory, { recursive: true }))
  for (const [path, content] of Object.entries(stubs)) {
    mkdirSync(dirname(join(directory, path)), { recursive: true })
    writeFileSync(join(directory, path), content)
  }
  const paths = `import sys\nsys.path[:0] = ${JSON.stringify([directory, import.meta.dirname])}\n`
  return (script: string, input: unknown): { readonly stdout: string; readonly stderr: string } => {
    const { stdout, stderr } = spawnSync('python3', ['-B', '-c', paths + script, JSON.stringify(input)], {
      encoding: 'utf8',
      timeout: 20_000,
    })
    return { stdout: stdout.trim(), stderr }
  }
}
