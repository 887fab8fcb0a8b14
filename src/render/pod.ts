/** The Pod of a component or task. */
import { type Component, type Task, users, type VolumeSpec, type Work } from '../catalog/index.ts'
import type { Cloud } from '../spec/index.ts'
import type { Site } from './context.ts'
import { envList } from './env.ts'
import { copiedFiles } from './files.ts'
import { type Lookup, waitArgument } from './needs.ts'
import { environment, ownNodes, rolesOf, type WorkId } from './settings.ts'
import { mountsFilesInPlace, unprivileged, waiting } from './source.ts'
import { tlsMount, tlsVolumes } from './tls.ts'
import { accountMount, accountVolume, configMount, configVolume, podVolume, volumeMount } from './volumes.ts'

export interface PodInput {
  readonly cloud: Cloud
  readonly site: Site
  readonly id: WorkId
  readonly work: Component | Task
  readonly configMap: string
  readonly serviceAccount: string
  readonly lookup: Lookup
}

export function podSpec(input: PodInput): Readonly<Record<string, unknown>> {
  const { cloud, site, id, work } = input
  const uid = users[work.user]
  const volumes = work.volumes ?? []
  const tls = tlsVolumes(cloud, id, work)
  const ownsAccount = (work.rules ?? []).length > 0
  const settings = cloud.spec.services[id.service]
  const pullPolicy = settings?.components[id.name]?.pullPolicy ?? settings?.pullPolicy ?? cloud.spec.images.pullPolicy
  const image = { image: site.images[work.image] ?? work.image, imagePullPolicy: pullPolicy }
  const wait = waiting(cloud)
  const init = [...ownerContainers(volumes, image), ...waitContainers(input, image)]
  const pullSecrets = cloud.spec.images.pullSecrets.map((name) => ({ name }))
  return {
    serviceAccountName: input.serviceAccount,
    automountServiceAccountToken: false,
    ...(work.hostNetwork === true ? { hostNetwork: true, dnsPolicy: 'ClusterFirstWithHostNet' } : {}),
    ...(work.hostPid === true ? { hostPID: true } : {}),
    ...(pullSecrets.length > 0 ? { imagePullSecrets: pullSecrets } : {}),
    securityContext: podSecurity(work, uid),
    affinity: { nodeAffinity: nodeAffinity(cloud, id, work) },
    ...(init.length > 0 ? { initContainers: init } : {}),
    containers: [
      {
        name: id.name,
        ...image,
        command: ['kolla_start'],
        env: envList({
          KOLLA_CONFIG_STRATEGY: 'COPY_ALWAYS',
          KOLLA_SERVICE_NAME: `${id.service}-${id.name}`,
          ...environment(cloud, id, work),
        }),
        resources: resources(cloud, id, work),
        securityContext: containerSecurity(cloud, work, uid),
        volumeMounts: [
          configMount,
          ...inPlace(cloud, work),
          ...volumes.map(volumeMount),
          ...tls.map(() => tlsMount),
          ...(ownsAccount ? [accountMount] : []),
        ],
      },
    ],
    volumes: [
      configVolume(input.configMap),
      accountVolume,
      ...(work.needs.length > 0 ? wait.volumes : []),
      ...volumes
        .filter((volume) => volume.kind !== 'claim' || volume.perReplica !== true)
        .map((volume) => podVolume(volume, `${id.service}-${id.name}`)),
      ...tls,
    ],
  }
}

/** Without privilege nothing may be copied into /etc: the files are mounted where they belong, and the Kolla contract finds them done. */
function inPlace(cloud: Cloud, work: Work): readonly object[] {
  if (!mountsFilesInPlace(cloud) || work.privileged !== undefined || work.user === 'root') return []
  return copiedFiles(work).map((path) => ({
    name: configMount.name,
    mountPath: path,
    subPath: path.slice(path.lastIndexOf('/') + 1),
    readOnly: true,
  }))
}

function podSecurity(work: Work, uid: number): object {
  if (work.privileged !== undefined) return {}
  return {
    ...(uid === 0 ? {} : { fsGroup: uid, fsGroupChangePolicy: 'OnRootMismatch', runAsNonRoot: true }),
    seccompProfile: { type: 'RuntimeDefault' },
  }
}

function containerSecurity(cloud: Cloud, work: Work, uid: number): object {
  if (work.privileged !== undefined) return { privileged: true, runAsUser: uid, runAsGroup: uid }
  return { runAsUser: uid, runAsGroup: uid, ...unprivileged(cloud) }
}

function nodeAffinity(cloud: Cloud, id: WorkId, work: Work): object {
  const without = (work.notOn ?? []).map((role) => ({ key: `croque.dev/role-${role}`, operator: 'DoesNotExist' }))
  const nodes = nodeNames(cloud, id, work)
  return {
    requiredDuringSchedulingIgnoredDuringExecution: {
      nodeSelectorTerms: rolesOf(cloud, id, work).map((role) => ({
        matchExpressions: [{ key: `croque.dev/role-${role}`, operator: 'Exists' }, ...without, ...nodes],
      })),
    },
  }
}

/** A node with settings of its own has a Pod of its own, and none of those that all others have. */
function nodeNames(cloud: Cloud, id: WorkId, work: Work): readonly object[] {
  const key = 'kubernetes.io/hostname'
  const only = id.node ?? work.node
  if (only !== undefined) return [{ key, operator: 'In', values: [only] }]
  const others = ownNodes(cloud, id, work)
  return others.length === 0 ? [] : [{ key, operator: 'NotIn', values: others }]
}

function resources(cloud: Cloud, id: WorkId, work: Work): object {
  const settings = cloud.spec.services[id.service]
  const layers = [settings?.resources, settings?.components[id.name]?.resources]
  const requests = Object.assign(
    { cpu: work.resources.cpu, memory: work.resources.memory },
    ...layers.map((layer) => layer?.requests ?? {}),
  )
  const limits = Object.assign({}, ...layers.map((layer) => layer?.limits ?? {}))
  return { requests, ...(Object.keys(limits).length > 0 ? { limits } : {}) }
}

/** hostPath directories come as root's; one that belongs to another user is given to it first. */
function ownerContainers(volumes: readonly VolumeSpec[], image: object): readonly object[] {
  const owned = volumes.filter(
    (volume): volume is VolumeSpec & { kind: 'host'; owner: string } =>
      volume.kind === 'host' && volume.owner !== undefined,
  )
  if (owned.length === 0) return []
  return [
    {
      name: 'owner',
      ...image,
      command: ['sh', '-euc', owned.map(installCommand).join('; ')],
      securityContext: {
        runAsUser: 0,
        runAsNonRoot: false,
        allowPrivilegeEscalation: false,
        capabilities: { drop: ['ALL'], add: ['CHOWN', 'DAC_OVERRIDE', 'FOWNER'] },
      },
      volumeMounts: owned.map((volume) => ({ name: volume.name, mountPath: volume.mountPath ?? volume.path })),
      resources: { requests: { cpu: '10m', memory: '8Mi' } },
    },
  ]
}

function installCommand({
  owner,
  path,
  mountPath = path,
  directories = [],
}: VolumeSpec & { kind: 'host'; owner: string }): string {
  const [user = '0', group = user] = owner.split(':')
  return `install -d -o ${user} -g ${group} ${[mountPath, ...directories.map((name) => `${mountPath}/${name}`)].join(' ')}`
}

function waitContainers({ cloud, site, work, lookup }: PodInput, own: { readonly image: string }): readonly object[] {
  if (work.needs.length === 0) return []
  const { command, mounts, ownImage } = waiting(cloud)
  const field = (name: string, fieldPath: string) => ({
    name,
    valueFrom: { fieldRef: { apiVersion: 'v1', fieldPath } },
  })
  return [
    {
      name: 'wait',
      ...own,
      ...(ownImage === true ? {} : { image: site.images['base'] ?? 'base' }),
      command: [...command, JSON.stringify(waitArgument(work, lookup))],
      env: [
        field('POD_NAME', 'metadata.name'),
        field('POD_UID', 'metadata.uid'),
        field('POD_NAMESPACE', 'metadata.namespace'),
        field('NODE_NAME', 'spec.nodeName'),
      ],
      securityContext: {
        runAsUser: 42400,
        runAsNonRoot: true,
        allowPrivilegeEscalation: false,
        capabilities: { drop: ['ALL'] },
      },
      volumeMounts: [accountMount, ...mounts],
      resources: { requests: { cpu: '10m', memory: '16Mi' } },
    },
  ]
}
