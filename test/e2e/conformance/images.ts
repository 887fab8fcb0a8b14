/**
 * The container images of Kubernetes' own tests, made here under the names that the tests have for them: Kubernetes' programs built from the
 * module, Debian's programs around them.
 */
import { readFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { digestOf, run } from '../../../src/host/index.ts'
import { type Binaries, ensureRootfs, ensureSystemImages, type ImageArchive } from '../../../src/images/index.ts'
import type { SystemImage } from '../../../src/images/kubernetes/system-images.ts'
import type { WorkOptions, Workshop } from '../../../src/images/model.ts'
import { certificate } from './programs.ts'

const packages = ['bind9-dnsutils', 'busybox', 'curl', 'iperf', 'iproute2', 'libc-bin', 'netcat-openbsd', 'nginx']

/** Busybox is nearly all that is called. */
const base = ['/usr/bin/busybox', '/usr/bin/bash']
/** What the tests call in agnhost besides; busybox has some of these names too, and means less by them. */
const clients = ['curl', 'dig', 'getent', 'ip', 'iperf', 'nc.openbsd', 'nslookup', 'ss'].map(
  (name) => `/usr/bin/${name}`,
)

/** As the tests expect them: users of an image by name, with a group that the image itself gives one of them. */
const users = {
  '/etc/passwd': [
    'root:x:0:0:root:/root:/bin/sh',
    'nobody:x:65534:65534:nobody:/:/bin/false',
    'user-defined-in-image:x:1000:1000::/:/bin/sh',
    '',
  ].join('\n'),
  '/etc/group': [
    'root:x:0:',
    'nogroup:x:65534:',
    'user-defined-in-image:x:1000:',
    'group-defined-in-image:x:50000:user-defined-in-image',
    '',
  ].join('\n'),
}

const nginx = `daemon off;
user root;
pid /tmp/nginx.pid;
error_log /dev/stderr;
events {}
http {
  access_log off;
  server {
    listen 80;
    root /usr/share/nginx/html;
  }
}
`

/** Archives of all of them, in the cache beside the programs. */
export async function ensureImages(
  shop: Workshop,
  work: WorkOptions,
  programs: Binaries,
): Promise<readonly ImageArchive[]> {
  const rootfs = await ensureRootfs(shop, work, packages)
  const { stdout } = await run('chroot', [rootfs, 'busybox', '--list'])
  const applets = stdout.trim().split('\n')
  const localhost = await Promise.all(
    certificate.map(async (name) => [`/${name}`, await readFile(join(programs.dir, name), 'utf8')] as const),
  )
  // An archive is known by where its tools are from: here that says which they are, too.
  const rootfsName = digestOf([basename(rootfs), ...base, ...clients]).slice(0, 16)
  const images = imagesOf(applets, Object.fromEntries(localhost))
  return await ensureSystemImages(programs, { rootfs, rootfsName, images })
}

function imagesOf(applets: readonly string[], localhost: Readonly<Record<string, string>>): readonly SystemImage[] {
  const shell = shellOf(applets)
  const agnhost = {
    programs: ['agnhost'],
    tools: [...base, ...clients],
    files: { ...users, ...localhost, '/uploads/.keep': '' },
    links: {
      ...shellOf(applets.filter((applet) => !clients.includes(`/usr/bin/${applet}`))),
      '/usr/local/bin/nc': 'nc.openbsd',
      '/agnhost': 'usr/local/bin/agnhost',
      '/agnhost-2': 'agnhost',
    },
    command: ['pause'],
  }
  const named = (name: string): string => `registry.k8s.io/e2e-test-images/${name}`
  return [
    {
      ...agnhost,
      name: 'agnhost',
      references: [named('agnhost:2.59'), named('jessie-dnsutils:1.7')],
      entrypoint: ['/agnhost'],
    },
    // The one before: the same, but another image, so that a change from this to that is one.
    { ...agnhost, name: 'agnhost-before', references: [named('agnhost:2.55')], entrypoint: ['/agnhost-2'] },
    {
      ...agnhost,
      name: 'nautilus',
      references: [named('nautilus:1.7')],
      entrypoint: ['/agnhost'],
      command: ['test-webserver'],
      files: { ...agnhost.files, '/data.json': '{"image": "nautilus.jpg"}\n' },
    },
    {
      name: 'busybox',
      programs: [],
      references: [named('busybox:1.37.0-1')],
      tools: base,
      files: users,
      links: shell,
      entrypoint: [],
      command: ['sh'],
    },
    ...['1.14-4', '1.15-4'].map((tag) => ({
      name: `nginx-${tag}`,
      programs: [],
      references: [named(`nginx:${tag}`)],
      tools: [...base, '/usr/sbin/nginx'],
      files: {
        ...users,
        '/etc/nginx/nginx.conf': nginx,
        '/usr/share/nginx/html/index.html': `nginx ${tag}\n`,
        '/var/lib/nginx/.keep': '',
      },
      links: shell,
      entrypoint: [],
      command: ['nginx', '-e', '/dev/stderr'],
    })),
    {
      name: 'sample-apiserver',
      programs: ['sample-apiserver'],
      references: [named('sample-apiserver:1.29.2')],
      entrypoint: ['/usr/local/bin/sample-apiserver'],
    },
  ]
}

/**
 * Busybox under the names of its applets, where they are looked for and in /bin. Its shell, as Debian builds it, loses variables whose names
 * no shell could say (`data-1`), so `sh` alone is bash; `/bin/sh` is busybox', since a test compares what it says.
 */
function shellOf(applets: readonly string[]): Readonly<Record<string, string>> {
  const links = applets
    .filter((applet) => !['bash', 'busybox'].includes(applet))
    .flatMap((applet) => [
      [`/usr/local/bin/${applet}`, 'busybox'],
      [`/bin/${applet}`, '/usr/local/bin/busybox'],
    ])
  return { '/usr/bin': 'local/bin', ...Object.fromEntries(links), '/usr/local/bin/sh': 'bash' }
}
