/**
 * Makes `src/oslo/options/<release>/*.json`, `src/policy/rules/<release>/*.json` and `test/house/programs/<release>.json` anew out of
 * the release's own packages:
 * `node scripts/oslo-options.ts RELEASE` (as root).
 * The layers of the image `openstack` must be in the cache (`./croque image build` or an `up` before).
 */
import { globSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { run } from '../src/host/index.ts'
import { layerHashes } from '../src/images/hash.ts'
import { layerDirectory } from '../src/images/layer.ts'
import { layerRecipes } from '../src/images/recipes.ts'

const repoDir = resolve(import.meta.dirname, '..')
const release = process.argv[2] ?? '2026.1'
const cacheDir = join(process.env['CROQUE_CACHE_DIR'] ?? '/var/cache/croque', 'images')
const hashes = layerHashes(repoDir, release, layerRecipes)
const lower = ['openstack', 'python', 'base'].map((name) =>
  join(layerDirectory(cacheDir, { name, hash: hashes.get(name) ?? '' }), 'diff'),
)

const inImage = `
mount -t tmpfs tmpfs /mnt && mkdir /mnt/root && mount -t overlay overlay -o "lowerdir=$LOWER" /mnt/root
for d in dev run tmp; do mount -t tmpfs tmpfs /mnt/root/$d; done
mknod -m 666 /mnt/root/dev/null c 1 3 && mknod -m 666 /mnt/root/dev/urandom c 1 9 && mkdir /mnt/root/dev/shm
mount -t proc proc /mnt/root/proc
exec chroot /mnt/root /var/lib/openstack/bin/python -
`
/** Each key of what the program prints becomes a file in the directory. */
async function record(program: string, directory: string): Promise<void> {
  const { stdout } = await run('unshare', ['--mount', '--propagation', 'private', 'sh', '-euc', inImage], {
    env: { LOWER: lower.join(':'), LC_ALL: 'C.UTF-8' },
    input: readFileSync(join(import.meta.dirname, program)),
  })
  const target = join(repoDir, directory, release)
  mkdirSync(target, { recursive: true })
  for (const [service, known] of Object.entries<unknown>(JSON.parse(stdout))) {
    writeFileSync(join(target, `${service}.json`), JSON.stringify(known))
  }
  await run(process.execPath, [join(repoDir, 'node_modules/@biomejs/biome/bin/biome'), 'format', '--write', target], {
    cwd: repoDir,
  })
}
await record('oslo-options.py', 'src/oslo/options')
await record('oslo-policies.py', 'src/policy/rules')

const venv = join(lower[0] ?? '', 'var/lib/openstack')
const programs = join(repoDir, 'test/house/programs', `${release}.json`)
writeFileSync(
  programs,
  JSON.stringify({
    // Programs of the services and what they start; a `-` tells them from those of libraries.
    programs: readdirSync(join(venv, 'bin'))
      .filter((name) => /^[a-z]\S*-|^uwsgi$|^python$/.test(name))
      .sort(),
    wsgiModules: globSync(['*/wsgi.py', '*/wsgi/*.py'], { cwd: join(venv, 'lib/python3.13/site-packages') })
      .filter((path) => !path.endsWith('__init__.py'))
      .map((path) => path.replace(/\.py$/, '').replaceAll('/', '.'))
      .sort(),
  }),
)
await run(process.execPath, [join(repoDir, 'node_modules/@biomejs/biome/bin/biome'), 'format', '--write', programs], {
  cwd: repoDir,
})
