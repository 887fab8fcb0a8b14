/** A swarm on real Docker, Debian's: the driver, the desk and the program on the nodes as they are, with containers in the place of servers (swarm/trial.ts). */
import { existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { run } from '../../src/host/index.ts'
import { layerDirectory } from '../../src/images/layer.ts'
import { layerBuilder } from '../../src/images/layers.ts'
import { nodeLayerHashes } from '../../src/images/node/node-image.ts'
import { nodeRecipes } from '../../src/images/recipes.ts'
import { workshop } from './workshop.ts'

const here = join(import.meta.dirname, 'swarm')
// The nodes have the first version of control groups, as container guests do.
const runs = existsSync('/sys/fs/cgroup/devices') && existsSync('/sys/fs/cgroup/memory')

/** The packages of a node image with Docker. */
async function packages(): Promise<string> {
  const cacheDir = join(workshop.cacheDir, 'images')
  const hashes = nodeLayerHashes(workshop.repoDir)
  const report = { step: async <T>(_: string, work: (say: () => void) => Promise<T>) => await work(() => undefined) }
  const { signal } = new AbortController()
  await layerBuilder({ ...workshop, cacheDir, release: '', report, signal }, nodeRecipes, hashes)('node-docker')
  return join(layerDirectory(cacheDir, { name: 'node-docker', hash: hashes.get('node-docker') ?? '' }), 'diff')
}

test.skipIf(!runs)(
  'it is made, used from outside, grown, shrunk, healed and removed',
  async () => {
    const directory = await mkdtemp(join(tmpdir(), 'croque-swarm-'))
    const trees = `${join(workshop.repoDir, 'images/node-image/root')}:${await packages()}`
    const trial = [process.execPath, join(here, 'trial.ts'), trees, directory]
    const { stdout } = await run('sh', [join(here, 'machine.sh'), ...trial], { env: workshop.env })
    await rm(directory, { recursive: true, force: true })
    const ready = (node: string, more = ''): string => `${node} Ready Active${more}`
    const [first, other] = [expect.stringMatching(/node-0$/), expect.stringMatching(/node-1$/)]
    expect((JSON.parse(stdout) as { readonly seen: object }).seen).toMatchObject({
      address: 'tcp://10.0.0.250:2376',
      nodes: [ready('master-0', ' Leader'), ready('node-0')],
      health: { status: 'HEALTHY' },
      'without a certificate': expect.stringMatching(/certificate required|handshake failure|alert/),
      "with a node's certificate": expect.stringMatching(/unsupported certificate|bad certificate|alert/),
      'kept on nodes': ['node.json', 'swarm.json', '600', ''],
      'a setting of the machine': expect.stringContaining('Read-only file system'),
      service: [first],
      scaled: [first, first, other, other],
      shrunk: { nodes: [ready('master-0', ' Leader'), ready('node-1')], service: [other, other, other, other] },
      'three managers': [0, 1, 2].map((at) => ready(`master-${at}`, ' manager')).concat(ready('node-1')),
      'one manager': [ready('master-1', ' Leader'), ready('node-1')],
      dead: ['UNHEALTHY', [['1', 'node-1: its server is gone']]],
      healed: { nodes: [ready('master-1', ' Leader'), ready('node-2')], health: 'HEALTHY' },
      left: [],
    })
  },
  900_000,
)
