/** Containers made of image archives as any runtime would make them: layers, user, environment and entry point of the image, nothing of ours beside. */
import { spawn } from 'node:child_process'
import { createReadStream } from 'node:fs'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { createZstdDecompress } from 'node:zlib'
import { run } from '../../src/host/index.ts'
import type { ImageArchive } from '../../src/underlay/index.ts'

interface ImageConfig {
  readonly User: string
  readonly Env: readonly string[]
  readonly Entrypoint: readonly string[]
  readonly Cmd: readonly string[]
}

interface Image {
  readonly config: ImageConfig
  /** Directories, topmost first, as overlayfs takes them. */
  readonly layers: string
}

interface StartOptions {
  /** Files below `/var/lib/kolla/config_files`; a text stays as it is, all else is written as JSON. */
  readonly files: Readonly<Record<string, unknown>>
  readonly env?: Readonly<Record<string, string>>
  /** `uid:gid` in place of the image's. */
  readonly user?: string
  /** Ends it, at once. */
  readonly signal?: AbortSignal
}

export interface Container {
  readonly config: ImageConfig
  /** Starts it; whatever it has written is there at its next start. */
  start(options: StartOptions): Promise<{ readonly code: number; readonly stdout: string; readonly stderr: string }>
  read(path: string): Promise<string>
}

export interface Containers {
  create(archive: ImageArchive): Promise<Container>
  /** Its unpacked layers, topmost first, as overlayfs takes them; nobody writes there. */
  layers(archive: ImageArchive): Promise<string>
  remove(): Promise<void>
}

const inContainer = `
mount -t overlay overlay -o "lowerdir=$LAYERS,upperdir=$OWN/upper,workdir=$OWN/work" "$OWN/root"
cd "$OWN/root"
mount -t proc proc proc && mount -t tmpfs -o mode=755 tmpfs dev && mount -t tmpfs -o mode=1777 tmpfs tmp
mknod -m 666 dev/null c 1 3 && mknod -m 666 dev/urandom c 1 9 && ln -s /proc/self/fd dev/fd
mount --bind "$OWN/config" var/lib/kolla/config_files && mount -o remount,bind,ro var/lib/kolla/config_files
echo "127.0.0.1 localhost $(hostname)" > etc/hosts
home=$(awk -F: -v id="\${IMAGE_USER%:*}" '$3 == id { print $6; exit }' etc/passwd)
exec env -i HOME="$home" $IMAGE_ENV chroot --userspec="$IMAGE_USER" "$OWN/root" "$@"
`

export async function openContainers(): Promise<Containers> {
  const directory = await mkdtemp(join(tmpdir(), 'croque-containers-'))
  const layers = new Map<string, Promise<string>>()
  const layer = (blob: string, digest: string): Promise<string> => {
    const known = layers.get(digest) ?? unpack(blob, join(directory, digest.slice(7, 23)))
    layers.set(digest, known)
    return known
  }
  const images = new Map<string, Promise<Image>>()
  const open = async (archive: string): Promise<Image> => {
    const layout = await mkdtemp(join(directory, 'layout-'))
    await run('tar', ['-xf', archive, '-C', layout])
    const blob = (digest: string): string => join(layout, 'blobs', digest.replace(':', '/'))
    const json = async (file: string) => JSON.parse(await readFile(file, 'utf8'))
    const index = await json(join(layout, 'index.json'))
    const manifest = await json(blob(index.manifests[0].digest))
    const { config } = (await json(blob(manifest.config.digest))) as Pick<Image, 'config'>
    const below: string[] = []
    for (const { digest } of manifest.layers) below.unshift(await layer(blob(digest), digest))
    await rm(layout, { recursive: true })
    return { config, layers: below.join(':') }
  }
  const opened = async (path: string): Promise<Image> => {
    const image = images.get(path) ?? open(path)
    images.set(path, image)
    return await image
  }
  return {
    remove: async () => await rm(directory, { recursive: true, force: true }),
    layers: async ({ path }) => (await opened(path)).layers,
    async create({ path }) {
      const { config, layers: below } = await opened(path)
      const own = await mkdtemp(join(directory, 'container-'))
      for (const name of ['upper', 'work', 'root', 'config']) await mkdir(join(own, name))
      return {
        config,
        read: async (file) => await readFile(join(own, 'upper', file), 'utf8'),
        start: async (options) => await start(config, { ...options, own, layers: below }),
      }
    },
  }
}

/** What a layer takes away, from the words of OCI into those of overlayfs. */
const whiteouts = `
import os, sys
for top, _, names in os.walk(sys.argv[1]):
    for name in [name for name in names if name.startswith('.wh.')]:
        os.unlink(os.path.join(top, name))
        if name == '.wh..wh..opq':
            os.setxattr(top, 'trusted.overlay.opaque', b'y')
        else:
            os.mknod(os.path.join(top, name[4:]), 0o020000, 0)
`

async function unpack(blob: string, target: string): Promise<string> {
  await mkdir(target)
  const tar = spawn('tar', ['-xp', '--ignore-zeros', '--numeric-owner', '-C', target], {
    stdio: ['pipe', 'ignore', 'inherit'],
  })
  const ended = new Promise((done) => tar.on('close', done))
  await pipeline(createReadStream(blob), createZstdDecompress(), tar.stdin)
  if ((await ended) !== 0) throw new Error(`tar could not unpack ${blob}`)
  await run('python3', ['-c', whiteouts, target])
  return target
}

async function start(
  image: ImageConfig,
  { files, env = {}, user, signal, own, layers }: StartOptions & { readonly own: string; readonly layers: string },
) {
  await rm(join(own, 'config'), { recursive: true })
  await mkdir(join(own, 'config'))
  for (const [name, content] of Object.entries(files)) {
    const text = typeof content === 'string' ? content : JSON.stringify(content)
    await writeFile(join(own, 'config', name), text)
  }
  const variables = [...image.Env, ...Object.entries(env).map(([name, value]) => `${name}=${value}`)]
  return await run(
    'unshare',
    [
      // It ends with the first one, whose user does not change: the kernel forgets `--kill-child` of one whose does.
      ...['--pid', '--fork', '--kill-child', 'unshare', '--mount', '--pid', '--fork', '--propagation', 'private'],
      ...['sh', '-euc', inContainer, 'sh', ...image.Entrypoint, ...image.Cmd],
    ],
    {
      env: {
        OWN: own,
        LAYERS: layers,
        IMAGE_USER: user ?? image.User,
        // Words without blanks: neither images nor these tests have others.
        IMAGE_ENV: variables.join(' '),
      },
      okCodes: [0, 1, 2],
      ...(signal === undefined ? {} : { signal }),
    },
  )
}
