import { type Step, throughGateway } from '../content.ts'
import { computeReady } from './compute-ready.ts'
import { verifyServer } from './first-server.ts'

/** A compute node can take servers; a server runs, has read its metadata, and answers at its floating IP. */
export function verifySteps(options: { readonly flavor?: string } = {}): readonly Step[] {
  return [
    {
      name: 'compute',
      title: 'a compute node takes servers',
      needs: [...throughGateway, 'nova/api', 'nova/scheduler', 'nova/conductor', 'nova/compute', 'placement/api'],
      run: computeReady,
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
      run: (context) => verifyServer(context, options.flavor ?? 'm1.nano'),
    },
  ]
}
