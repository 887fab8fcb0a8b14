/** Where the images of a cloud come from, as far as that makes its Pods other ones. */
import {
  fromSource,
  type Origin,
  programsDir,
  type ServiceDefinition,
  type ServiceParts,
  sources,
} from '../catalog/index.ts'
import type { KubeObject } from '../kube/index.ts'
import type { Cloud } from '../spec/index.ts'

/** ConfigMap with the programs that the images lack. */
const programsName = 'croque-programs'

/** Images of a registry are ours as much as those that are built here. */
function originOf({ spec }: Cloud): Origin | undefined {
  const { source, distro } = spec.images
  return source === 'kolla' ? { source, distro: distro ?? sources[source].distro } : undefined
}

const sourceOf = (cloud: Cloud) => {
  const origin = originOf(cloud)
  return origin === undefined ? undefined : sources[origin.source]
}

export function partsFrom(cloud: Cloud, definition: ServiceDefinition, parts: ServiceParts): ServiceParts {
  const origin = originOf(cloud)
  return origin === undefined ? parts : fromSource(definition, parts, origin)
}

/**
 * What a container that is not privileged may do. Ours never become more than they are: their files are mounted where they belong.
 * Another source's start script becomes root and copies them.
 */
export function unprivileged(cloud: Cloud): object {
  const source = sourceOf(cloud)
  if (source === undefined) return { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } }
  return { allowPrivilegeEscalation: true, capabilities: { drop: ['ALL'], add: source.capabilities } }
}

export const mountsFilesInPlace = (cloud: Cloud): boolean => sourceOf(cloud) === undefined

/** How the container that waits is made: with the Pod's own image where that has no program for it. */
export function waiting(cloud: Cloud) {
  const source = sourceOf(cloud)
  if (source === undefined) return { command: ['croque-wait'], ownImage: false, mounts: [], volumes: [] }
  return {
    command: source.wait,
    ownImage: true,
    mounts: [{ name: 'programs', mountPath: programsDir, readOnly: true }],
    volumes: [{ name: 'programs', configMap: { name: programsName, defaultMode: 0o555 } }],
  }
}

export function programs(cloud: Cloud, metadata: Omit<KubeObject['metadata'], 'name'>): readonly KubeObject[] {
  const source = sourceOf(cloud)
  if (source === undefined) return []
  return [{ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: programsName, ...metadata }, data: source.programs }]
}
