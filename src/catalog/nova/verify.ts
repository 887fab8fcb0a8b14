import { type Step, throughGateway } from '../content.ts'
import { computeReady } from './compute-ready.ts'
import { verifyServer } from './first-server.ts'
import type { FlavorSize } from './flavors.ts'

/** A compute node can take servers; a server runs, has read its metadata, and answers at its floating IP. */
export function verifySteps(
  options: {
    readonly flavors?: Readonly<Record<string, FlavorSize>>
    /** The guest must reach it; absent where guests are told name servers that do not know its name. */
    readonly publicUrl?: string
    /** There are nodes for container guests as well. @default false */
    readonly lxc?: boolean
  } = {},
): readonly Step[] {
  const { flavors = {}, publicUrl, lxc = false } = options
  const flavor = smallest(flavors)
  return [
    {
      name: 'compute',
      title: 'a compute node takes servers',
      needs: [...throughGateway, 'nova/api', 'nova/scheduler', 'nova/conductor', 'nova/compute', 'placement/api'],
      run: (context) => computeReady(context, lxc),
    },
    {
      name: 'server',
      title: 'a server runs and answers at its floating IP',
      needs: [
        'verify/compute',
        'content/flavors',
        'content/image',
        'content/keypair',
        'content/private-network',
        'content/router',
        'content/security-group',
        'neutron/agent',
        'nova/metadata',
      ],
      run: (context) => verifyServer(context, { flavor, publicUrl }),
    },
  ]
}

/** Name of the flavor with the least memory, of those with a disk that the test image fits on. */
function smallest(flavors: Readonly<Record<string, FlavorSize>>): string {
  const fitting = Object.entries(flavors).filter(([, { disk }]) => disk > 0)
  return fitting.sort(([, one], [, other]) => one.memory - other.memory)[0]?.[0] ?? 'm1.nano'
}
