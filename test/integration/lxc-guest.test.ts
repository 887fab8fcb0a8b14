/** A container guest by the real libvirt of the image `compute`: what it can reach, what of it is left, and who survives whom. */
import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { run } from '../../src/host/index.ts'
import { ensureImages, ensureTestImage } from '../../src/images/index.ts'
import { type Containers, openContainers } from './containers.ts'

const repoDir = resolve(import.meta.dirname, '../..')
const cacheDir = process.env['CROQUE_CACHE_DIR'] ?? '/var/cache/croque'
// On machines with the second version of control groups alone `up` refuses nodes for container guests.
const runs = existsSync('/sys/fs/cgroup/devices') && existsSync('/sys/fs/cgroup/memory')
let containers: Containers

beforeAll(async () => {
  containers = await openContainers()
})
afterAll(async () => await containers?.remove())

const building = {
  repoDir,
  cacheDir,
  env: process.env as Record<string, string>,
  report: {
    step: async <T>(_id: string, work: (say: (message: string) => void) => Promise<T>) => await work(() => undefined),
  },
  signal: new AbortController().signal,
}

/** What the node said, by name. */
async function lifeOfGuest(): Promise<Readonly<Record<string, string>>> {
  const [image] = await ensureImages({ ...building, release: '2026.1', names: ['compute'] })
  if (image === undefined) throw new Error('there is no image compute')
  const { disk } = await ensureTestImage(building)
  const busybox = join(disk, '../../usr/bin/busybox')
  const script = join(import.meta.dirname, 'lxc/node.sh')
  const { stdout } = await run('sh', [script, 'machine', repoDir, await containers.layers(image), busybox])
  return Object.fromEntries(stdout.split('\n').map((line) => line.split(/ (.*)/s, 2) as [string, string]))
}

test.skipIf(!runs)(
  'it has its own memory and groups, opens nothing of the machine, ends processes and not itself, and ends whole',
  async () => {
    expect(await lifeOfGuest()).toMatchObject({
      'no-room': expect.stringMatching(
        /^refused: .* no room for another guest.* fs\.inotify\.max_user_instances=1024$/,
      ),
      // The guest's end of a pair whose other end is up.
      links: expect.stringContaining('eth0'),
      tap: '1',
      'memory-total': '131072 kB',
      'memory-total-later': '131072 kB',
      'memory-root': 'machine/ 134217728',
      processors: '100000/100000',
      'second-version': '0',
      disk: expect.stringContaining('Operation not permitted'),
      'machine-memory': expect.stringContaining('Operation not permitted'),
      'machine-log': expect.stringContaining('Operation not permitted'),
      'kernel-log': expect.stringContaining('not permitted'),
      kvm: expect.stringContaining('Operation not permitted'),
      settings: expect.stringContaining('Read-only file system'),
      loop: expect.not.stringMatching(/^done$/),
      null: 'done',
      // As much as it holds, and an error.
      shm: expect.stringContaining('32+0 records out'),
      eater: '137',
      'controller-memory': '/croque-guests/control/instance-00000001',
      'after-attack': 'running',
      'after-libvirtd': 'running kept',
      'after-restart': 'running',
      processes: '0',
      groups: '0',
      loops: '0',
      'unseen-processes': '0',
      'unseen-groups': '0',
    })
  },
  1_200_000,
)
