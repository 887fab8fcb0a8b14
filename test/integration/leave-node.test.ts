/** What leaves a node is the cloud's, never what is mounted in it. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { run } from '../../src/host/index.ts'

const leaving = new URL('../../src/catalog/nova/leave-node.sh', import.meta.url)

test('volumes on a server outlive the node that had them mounted', async () => {
  const home = await mkdtemp(join(tmpdir(), 'croque-leave-'))
  await writeFile(join(home, 'leave.sh'), (await readFile(leaving, 'utf8')).replaceAll('/host', '/mnt'))
  const script = `
mount -t tmpfs node /mnt
mkdir -p /mnt/var/lib/nova/mnt/a /mnt/server
mount -t tmpfs server /mnt/server
touch /mnt/server/volume /mnt/var/lib/nova/disk
mount --bind /mnt/server /mnt/var/lib/nova/mnt/a
sh -u ${home}/leave.sh
ls /mnt/server
test ! -e /mnt/var/lib/nova`
  const { stdout } = await run('unshare', ['--mount', '--propagation', 'private', 'sh', '-ec', script])
  await rm(home, { recursive: true })
  expect(stdout).toBe('volume\n')
})
