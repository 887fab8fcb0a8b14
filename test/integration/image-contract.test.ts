/** The Kolla contract inside a container made of the very archive that nodes get. */
import { spawn } from 'node:child_process'
import { createReadStream } from 'node:fs'
import { mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { createZstdDecompress } from 'node:zlib'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { run } from '../../src/host/index.ts'
import { ensureImages } from '../../src/images/index.ts'

const repoDir = resolve(import.meta.dirname, '../..')
const cacheDir = process.env['CROQUE_CACHE_DIR'] ?? '/var/cache/croque'
let directory: string
let root: string

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'croque-contract-'))
  root = join(directory, 'root')
  const [archive] = await ensureImages({
    repoDir,
    cacheDir,
    release: '2026.1',
    names: ['haproxy'],
    env: process.env as Record<string, string>,
    report: { step: async (_id, work) => await work(() => undefined) },
    signal: new AbortController().signal,
  })
  await unpack(archive?.path ?? '', root)
  await put('/var/lib/kolla/config_files/haproxy.cfg', 'the configuration\n')
})
afterAll(async () => await rm(directory, { recursive: true, force: true }))

async function unpack(archive: string, target: string): Promise<void> {
  const layout = join(directory, 'layout')
  await mkdir(layout, { recursive: true })
  await mkdir(target)
  await run('tar', ['-xf', archive, '-C', layout])
  const blob = (digest: string): string => join(layout, 'blobs', digest.replace(':', '/'))
  const index = JSON.parse(await readFile(join(layout, 'index.json'), 'utf8'))
  const manifest = JSON.parse(await readFile(blob(index.manifests[0].digest), 'utf8'))
  for (const layer of manifest.layers) {
    const tar = spawn('tar', ['-xp', '--numeric-owner', '-C', target], { stdio: ['pipe', 'ignore', 'inherit'] })
    const end = new Promise((done) => tar.on('close', done))
    await pipeline(createReadStream(blob(layer.digest)), createZstdDecompress(), tar.stdin)
    expect(await end).toBe(0)
  }
}

/** Each start stands for a container of its own. */
beforeEach(() => rm(join(root, 'run_command'), { force: true }))

async function put(path: string, text: string): Promise<void> {
  await writeFile(join(root, path), text)
}

const inContainer = `
mount --bind "$ROOT" "$ROOT" && cd "$ROOT" && mount -t proc proc proc && mount -t tmpfs tmpfs dev && mknod -m 666 dev/null c 1 3
[ -z "$READ_ONLY" ] || mount -o remount,bind,ro "$ROOT"
exec $PRIVILEGES chroot --userspec="$USER_ID" "$ROOT" /usr/bin/tini -- kolla_start
`

async function start(options: {
  readonly user: number
  readonly command: string
  readonly restricted?: boolean
  readonly readOnly?: boolean
}) {
  const config = {
    command: options.command,
    config_files: [
      {
        source: '/var/lib/kolla/config_files/haproxy.cfg',
        dest: '/etc/haproxy/haproxy.cfg',
        owner: 'haproxy',
        perm: '0600',
      },
    ],
  }
  await put('/var/lib/kolla/config_files/config.json', JSON.stringify(config))
  return await run(
    'unshare',
    ['--mount', '--pid', '--fork', '--kill-child', '--propagation', 'private', 'sh', '-euc', inContainer],
    {
      env: {
        ROOT: root,
        USER_ID: `${options.user}:${options.user}`,
        PRIVILEGES: options.restricted ? 'setpriv --no-new-privs' : 'env',
        READ_ONLY: options.readOnly ? '1' : '',
        KOLLA_CONFIG_STRATEGY: 'COPY_ALWAYS',
      },
      okCodes: [0, 1],
    },
  )
}

describe('kolla_start', () => {
  test('as root puts the configuration in place and becomes the command', async () => {
    const { code, stdout } = await start({ user: 0, command: 'cat /etc/haproxy/haproxy.cfg' })
    expect([code, stdout]).toEqual([0, expect.stringContaining('the configuration')])
    const file = await stat(join(root, 'etc/haproxy/haproxy.cfg'))
    expect([file.uid, file.mode & 0o777]).toEqual([42454, 0o600])
  })

  test('as the service without any privilege uses what is mounted, on a read-only root', async () => {
    const { code, stdout } = await start({ user: 42454, command: 'id -u', restricted: true, readOnly: true })
    expect([code, stdout.trim().split('\n').at(-1)]).toEqual([0, '42454'])
  })

  test('as the service without any privilege fails when the configuration is another', async () => {
    await put('/var/lib/kolla/config_files/haproxy.cfg', 'a newer one\n')
    const { code, stderr } = await start({ user: 42454, command: 'true', restricted: true, readOnly: true })
    expect([code, stderr]).toEqual([1, expect.stringContaining('cannot make')])
  })
})

test('the image holds no secrets, lists or logs', async () => {
  const { stdout } = await run('find', [
    root,
    '-path',
    '*/var/lib/apt/lists/*',
    '-o',
    '-path',
    '*/var/log/*.log',
    '-o',
    '-name',
    'machine-id',
    '-size',
    '+0',
    '-o',
    '-name',
    '*.key',
  ])
  expect(stdout).toBe('')
})
