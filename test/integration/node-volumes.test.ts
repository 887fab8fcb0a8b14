/** A node's volumes, with files for disks, in a mount namespace of the test's own. */
import { spawn } from 'node:child_process'
import { mkdir, mkdtemp, readFile, rm, truncate, writeFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'

const program = resolve(import.meta.dirname, '../../images/node-image/root/usr/lib/croque/node-volumes')
const volumes = { containers: 'aaaaaaaa-bbbb-cccc-dddd-000000000001', etcd: 'aaaaaaab-bbbb-cccc-dddd-000000000002' }
let root: string
let metadata: Server

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'croque-volumes-'))
  for (const path of ['dev/disk/by-id', 'etc', 'run', 'var/lib/containerd/deep'])
    await mkdir(join(root, path), { recursive: true })
  for (const id of Object.values(volumes)) {
    const disk = join(root, `dev/disk/by-id/virtio-${id.slice(0, 20)}`)
    await writeFile(disk, '')
    await truncate(disk, 64 * 2 ** 20)
  }
  await writeFile(join(root, 'var/lib/containerd/deep/image'), 'layers')
  metadata = createServer((_, answer) => {
    answer.end(JSON.stringify({ meta: { croque_containers: volumes.containers, croque_etcd: volumes.etcd } }))
  })
  await new Promise<void>((listening) => void metadata.listen(0, '127.0.0.1', listening))
})

afterEach(async () => {
  metadata.close()
  await rm(root, { recursive: true })
})

/** What a shell says that has the program as `volumes`; all its mounts end with it. */
async function inside(script: string, env: Readonly<Record<string, string>> = {}): Promise<string> {
  const address = metadata.address()
  const port = typeof address === 'object' ? address?.port : undefined
  const shell = spawn(
    'unshare',
    ['--mount', 'sh', '-ec', `volumes() { python3 -I ${program} "$@"; }\ncd ${root}\n${script}`],
    {
      env: {
        ...process.env,
        ...{ CROQUE_NODE_ROOT: root, CROQUE_NODE_METADATA: `http://127.0.0.1:${port}/`, CROQUE_NODE_PATIENCE: '0' },
        ...env,
      },
    },
  )
  let [said, wrong] = ['', '']
  shell.stdout.on('data', (data: Buffer) => (said += data.toString()))
  shell.stderr.on('data', (data: Buffer) => (wrong += data.toString()))
  const code = await new Promise((ended) => shell.on('close', ended))
  expect(code, wrong).toBe(0)
  return said.trim()
}

const both = 'volumes containers=/var/lib/containerd etcd=/var/lib/etcd'

test('directories move to their volumes with what they have, and are there after a restart', async () => {
  const said = await inside(`
    ${both}
    ${both}
    mountpoint -q var/lib/containerd && mountpoint -q var/lib/etcd
    cat var/lib/containerd/deep/image; echo
    stat -c %a var/lib/etcd
    ls var/lib/etcd | wc -l
    echo later > var/lib/containerd/written`)
  expect(said.split('\n')).toEqual(['layers', '700', '0'])
  expect(await readFile(join(root, 'etc/fstab'), 'utf8')).toBe(
    'LABEL=node-containers /var/lib/containerd ext4 defaults 0 2\nLABEL=node-etcd /var/lib/etcd ext4 defaults 0 2\n',
  )
  expect(await inside(`${both}\ncat var/lib/containerd/written`)).toBe('later')
})

test('killed while it copied, it begins anew', async () => {
  const said = await inside(`
    mkdir -p broken
    printf '#!/bin/sh\\necho half > "$3/half"\\nexit 1\\n' > broken/cp
    chmod +x broken/cp
    (PATH="$PWD/broken:$PATH"; volumes containers=/var/lib/containerd) 2>&1 && exit 1
    volumes containers=/var/lib/containerd
    ls var/lib/containerd`)
  expect(said.split('\n').at(-1)).toBe('deep')
})

test('a volume that is not attached, or that nobody named, is told', async () => {
  const disk = join(root, `dev/disk/by-id/virtio-${volumes.etcd.slice(0, 20)}`)
  await rm(disk)
  expect(await inside('volumes etcd=/var/lib/etcd 2>&1 || true')).toBe(`volume ${volumes.etcd} is not attached`)
  expect(await inside('volumes other=/x 2>&1 || true')).toBe('the metadata of this server has no croque_other')
})
