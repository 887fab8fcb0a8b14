import {
  type BuildContext,
  type CatalogContext,
  type Component,
  component,
  configDir,
  type Declarations,
  type ServiceDefinition,
  type ServiceParts,
  type StorageUser,
  type Task,
} from '../model.ts'
import { monitorCount, monitorPort } from '../storage.ts'
import { copies, daemonKeys, keyVolume, placementGroups } from './conf.ts'
import { answers, base, run } from './daemon.ts'
import { images } from './images.ts'
import { osds } from './osd.ts'
import { osdNames } from './places.ts'

function mon(context: CatalogContext): Component {
  const common = base(context, ['mon.sh', 'asked.py', 'health.py'])
  return {
    ...common,
    name: 'mon',
    kind: 'statefulset',
    summary: 'the monitors, which know where everything is',
    command: ['sh', `${configDir}/mon.sh`],
    placement: ['control'],
    replicas: monitorCount(context),
    priority: 'infrastructure',
    ports: [{ name: 'msgr2', port: monitorPort }],
    addressed: true,
    env: { ...common.env, MONITORS: String(monitorCount(context)) },
    volumes: [
      { kind: 'claim', name: 'data', mountPath: '/var/lib/ceph/mon', size: '5Gi', perReplica: true },
      run,
      keyVolume('admin'),
      keyVolume('mgr'),
      keyVolume('bootstrap'),
    ],
    needs: [],
    resources: { cpu: '20m', memory: '80Mi' },
    probes: answers('mon', 'mon_status', 'state', 'leader', 'peon'),
    holdsData:
      'with all of them in quorum, in the Pod ceph-mon-0 `ceph mon remove ceph-mon-N` for each that goes, the highest N first; stop it by `kubectl scale` of the ' +
      'StatefulSet, and delete its claim',
    health: { command: ['python3', `${configDir}/health.py`] },
  }
}

function mgr(context: CatalogContext): Component {
  return {
    ...base(context, ['asked.py']),
    name: 'mgr',
    kind: 'statefulset',
    summary: 'the manager, which counts and balances',
    command: ['ceph-mgr', '--foreground', '--id', 'a'],
    placement: ['control'],
    replicas: 1,
    priority: 'infrastructure',
    volumes: [run, keyVolume('mgr')],
    needs: [component('ceph/mon')],
    resources: { cpu: '20m', memory: '160Mi' },
    probes: answers('mgr', 'mgr_status', 'initialized', 'true'),
  }
}

const keyringVariable = (user: string): string => `KEYRING_${user.toUpperCase().replaceAll('-', '_')}`

function pools(context: BuildContext): Task {
  const users = context.declared.flatMap(({ declarations }) => declarations.storage ?? [])
  const written = users.flatMap((user) => Object.keys(user.pools).filter((pool) => user.pools[pool] === 'write'))
  const wanted = {
    size: copies(context),
    placementGroups,
    pools: [...new Set(written)].sort(),
    users: users.map(({ user, pools: of }) => ({ user, caps: caps(of), keyring: keyringVariable(user) })),
  }
  const common = base(context, ['pools.py'])
  return {
    ...common,
    name: 'pools',
    summary: 'pools and users of the block storage',
    command: ['python3', `${configDir}/pools.py`, `${configDir}/pools.json`],
    placement: ['control'],
    files: { ...common.files, [`${configDir}/pools.json`]: { text: `${JSON.stringify(wanted, undefined, 2)}\n` } },
    env: Object.fromEntries(users.map(({ user, secret, key }) => [keyringVariable(user), { secret, key }])),
    volumes: [run, keyVolume('admin')],
    needs: ['mon', 'mgr', ...osdNames(context)].map((name) => component(`ceph/${name}`)),
    resources: { cpu: '20m', memory: '64Mi' },
  }
}

/** Ceph's own profiles for block devices, no wider than the pools. */
function caps(of: StorageUser['pools']): Readonly<Record<string, string>> {
  const written = Object.keys(of).filter((pool) => of[pool] === 'write')
  const profiles = Object.entries(of).map(
    ([pool, mode]) => `profile ${mode === 'write' ? 'rbd' : 'rbd-read-only'} pool=${pool}`,
  )
  return {
    mon: 'profile rbd',
    osd: profiles.join(', '),
    mgr: written.map((pool) => `profile rbd pool=${pool}`).join(', '),
  }
}

function build(context: BuildContext): ServiceParts {
  if (context.storage.externalSecret !== undefined) return { components: [] }
  return { components: [mon(context), mgr(context), ...osds(context)], tasks: [pools(context)] }
}

const declares = ({ storage }: CatalogContext): Declarations =>
  storage.externalSecret !== undefined
    ? {}
    : {
        secrets: {
          [daemonKeys.admin.secret]: {
            keys: {
              mon: { kind: 'ceph-keyring', entity: 'mon.' },
              admin: { kind: 'ceph-keyring', entity: 'client.admin' },
            },
          },
          [daemonKeys.mgr.secret]: { keys: { keyring: { kind: 'ceph-keyring', entity: 'mgr.a' } } },
          [daemonKeys.bootstrap.secret]: {
            keys: { keyring: { kind: 'ceph-keyring', entity: 'client.bootstrap-osd' } },
          },
        },
      }

export const ceph: ServiceDefinition = {
  name: 'ceph',
  summary: 'Ceph, the block storage',
  // Any option goes: Ceph knows two thousand, and only its own monitors know which.
  optionLists: { 'ceph.conf': 'ceph' },
  images,
  declares,
  build,
}
