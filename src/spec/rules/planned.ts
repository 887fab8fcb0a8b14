/** Fields that the document has, and this version cannot follow yet: refused, since nobody wants them passed over in silence. */
import type { CheckedSpec } from '../cloud.ts'
import { error } from '../issues.ts'
import type { Rule } from './index.ts'

interface Planned {
  readonly path: readonly string[]
  readonly used: (spec: CheckedSpec) => boolean
  readonly message: string
}

const planned: readonly Planned[] = [
  {
    path: ['images', 'registry'],
    used: ({ images }) => images.registry !== undefined,
    message: 'a registry is planned, and not in this version; images go straight to the nodes',
  },
  {
    path: ['endpoints', 'tls', 'source'],
    used: ({ endpoints }) => endpoints.tls.source === 'secret',
    message: 'a certificate of your own is planned, and not in this version; leave it at generated',
  },
  {
    path: ['networks', 'project', 'mtu'],
    used: ({ networks }) => networks.project.mtu !== 'auto',
    message: 'an MTU of your own is planned for project networks, and not in this version; leave it at auto',
  },
  {
    path: ['nodes'],
    used: ({ nodes }) => Object.keys(nodes).length > 0,
    message: 'settings for one node are planned, and not in this version; use spec.nodeRoles',
  },
  {
    path: ['timeouts', 'total'],
    used: ({ timeouts }) => timeouts.total !== 3600,
    message: 'a limit for the whole run is planned, and not in this version; spec.timeouts.unit is there',
  },
]

export const plannedRules: Rule = ({ cloud, broken }) =>
  planned
    .map((each) => ({ ...each, path: ['spec', ...each.path] }))
    .filter(({ path, used }) => used(cloud.spec) && !broken(path))
    .map(({ path, message }) => error({ path, message, atKey: true }))
