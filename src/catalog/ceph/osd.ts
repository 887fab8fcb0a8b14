/** The OSDs: on claims wherever there is room, or by the document's word on files, directories and devices of nodes. */
import {
  type CatalogContext,
  type Component,
  component,
  configDir,
  type OsdPlace,
  type VolumeSpec,
  type Work,
} from '../model.ts'
import { users } from '../users.ts'
import { keyVolume } from './conf.ts'
import { answers, base, run } from './daemon.ts'
import { nameOn } from './places.ts'

const dataDir = '/var/lib/ceph/osd'
const deviceFile = '/dev/osd'

const givesAway =
  'see that the others have room; then in the Pod ceph-mon-0, of each OSD N that goes: `ceph osd out N`, wait until `ceph osd safe-to-destroy N` says so, ' +
  'stop it by `kubectl scale` or `kubectl delete` of its StatefulSet, `ceph osd purge N --yes-i-really-mean-it`, and delete its claim'

export function osds(context: CatalogContext): readonly Component[] {
  const places = Object.entries(context.storage.osds)
  if (places.length > 0) return places.map(([node, place]) => onNode(context, node, place))
  const replicas = context.replicas('ceph', 'osd')
  return [{ ...osd(context), replicas, volumes: [claim('10Gi'), ...common] }]
}

function osd(context: CatalogContext): Omit<Component, 'volumes'> {
  return {
    ...base(context, ['osd.sh', 'asked.py']),
    name: 'osd',
    kind: 'statefulset',
    summary: 'the OSDs, which hold the data',
    command: ['sh', `${configDir}/osd.sh`],
    placement: ['storage', 'control'],
    priority: 'infrastructure',
    needs: [component('ceph/mon')],
    resources: { cpu: '20m', memory: '160Mi' },
    probes: answers('osd', 'status', 'state', 'active'),
    graceSeconds: 60,
    holdsData: givesAway,
  }
}

const claim = (size: string): VolumeSpec => ({
  kind: 'claim',
  name: 'data',
  mountPath: dataDir,
  size,
  perReplica: true,
})
const common: readonly VolumeSpec[] = [run, keyVolume('bootstrap')]

/** The document has chosen the node by its name: any role will do that Ceph may run on. */
function onNode(context: CatalogContext, node: string, place: OsdPlace): Component {
  const own = { ...osd(context), name: nameOn(node), summary: `the OSD of ${node}`, replicas: 1, node }
  const { env } = own
  if ('gibibytes' in place) {
    const { gibibytes, directory: path } = place
    // What the OSD writes beside its file is little, but a full claim would stop it.
    const data = path === undefined ? claim(`${Math.ceil(gibibytes * 1.25)}Gi`) : directory(path)
    return { ...own, env: { ...env, FILE_BYTES: String(gibibytes * 2 ** 30) }, volumes: [data, ...common] }
  }
  return {
    ...own,
    ...({
      user: 'root',
      owner: 'ceph',
      privileged: 'opens a block device of its node; the daemon itself runs as the user ceph',
    } satisfies Partial<Work>),
    env: { ...env, DEVICE: deviceFile },
    volumes: [
      directory(`/var/lib/croque/ceph-osd/${place.device.slice(1).replaceAll('/', '-')}`),
      { kind: 'host', name: 'device', path: place.device, mountPath: deviceFile, type: 'BlockDevice' },
      ...common,
    ],
  }
}

const directory = (path: string): VolumeSpec => ({
  kind: 'host',
  name: 'data',
  path,
  mountPath: dataDir,
  owner: `${users.ceph}:${users.ceph}`,
})
