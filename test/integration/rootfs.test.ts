/** Root file systems in the cache: a run of another cloud that tidies up beside must not take away what is being made, or was just now. */
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { othersIn, pruneCache } from '../../src/host/index.ts'
import { ensureRootfs, rootfsCache } from '../../src/images/index.ts'

const signal = new AbortController().signal

/** In place of the real one: its tree is as old as the packages in it, and it waits in the middle until it may go on. */
const mmdebstrap = `#!/bin/sh
set -eu
for tree in "$@"; do :; done
mkdir -p "$tree/etc"
echo trixie > "$tree/etc/debian_version"
touch -d 2025-03-06 "$tree"
echo unpacked
while [ ! -e "$GATE" ]; do sleep 0.1; done
`

test('it is young from its first moment on, however old the packages in it are', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'croque-rootfs-'))
  const bin = join(dir, 'bin')
  const gate = join(dir, 'gate')
  const cacheDir = join(dir, 'cache')
  try {
    await mkdir(bin)
    await writeFile(join(bin, 'mmdebstrap'), mmdebstrap)
    await chmod(join(bin, 'mmdebstrap'), 0o755)
    const prune = async (): Promise<readonly string[]> =>
      await pruneCache([async () => await othersIn(rootfsCache(cacheDir), new Set())], { now: Date.now, signal })
    const unpacked = Promise.withResolvers<void>()
    const say = (line: string): void => {
      if (line === 'unpacked') unpacked.resolve()
    }
    const env = { PATH: `${bin}:/usr/sbin:/usr/bin:/sbin:/bin`, GATE: gate }
    const made = ensureRootfs({ cacheDir, env }, { signal, say }, ['base-files'])
    await Promise.race([unpacked.promise, made])
    expect(await prune()).toEqual([])
    await writeFile(gate, '')
    const rootfs = await made
    expect(await prune()).toEqual([])
    expect(await readFile(join(rootfs, 'etc/debian_version'), 'utf8')).toBe('trixie\n')
    expect(await readdir(rootfsCache(cacheDir))).toHaveLength(1)
  } finally {
    await rm(dir, { recursive: true })
  }
})
