/** What there is to say of a cluster before it is accepted: what would fail later fails at once, and what has no effect is told. */
import { type Cluster, type ClusterSpec, isSwarm, type NodeGroupSpec } from '../../model/index.ts'
import { compareVersions, type Judgement, type NodeImage, parseVersion } from '../../rules/index.ts'
import {
  addOnWarnings,
  broughtAddOns,
  hasAutoscaler,
  hasCilium,
  hasCinderCsi,
  hasCloudController,
} from './addons/index.ts'
import { balancerLabels, balancerOf } from './balancer.ts'
import { CloudRefusal } from './cloud.ts'
import { clusterLayout, type Defaults, placementOf, podRangeOf } from './layout.ts'
import { nodeSettings } from './node-settings.ts'
import type { Placement } from './node-stacks.ts'
import { optionTable } from './option-table.ts'
import { checkSwarm, swarmSettings } from './swarm/settings.ts'

export interface JudgeOptions {
  readonly image: NodeImage
  readonly defaults: Defaults
  /** A further one, that is asked for. */
  readonly group?: NodeGroupSpec
}

export function judge(spec: ClusterSpec, options: JudgeOptions): Judgement {
  const asked = optionTable.filter(({ isAsked }) => isAsked?.(spec) === true)
  const refused = asked.find(({ verdict }) => verdict === 'refused')
  const refusal = refused === undefined ? cause(spec, options) : `${refused.name} is not served: ${refused.says}.`
  const warnings = [
    ...asked.map(({ name, says }) => `Option ${name} has no effect: ${says}.`),
    ...(isSwarm({ spec })
      ? []
      : [
          ...versionWarning(spec, options.image),
          ...addOnWarnings(spec),
          ...balancerLabels
            .filter((name) => spec.labels[name] !== undefined && !spec.masterLbEnabled && !hasCloudController(spec))
            .map((name) => `Label "${name}" has no effect without master_lb_enabled or cloud_provider_enabled.`),
        ]),
    ...(spec.labels['docker_volume_type'] === undefined || spec.dockerVolumeSize !== undefined
      ? []
      : ['Label "docker_volume_type" has no effect without docker_volume_size.']),
  ]
  return refusal === undefined ? { warnings } : { refusal, warnings }
}

/** Everything that can be known of it is made, and thrown away. */
function cause(spec: ClusterSpec, { image, defaults, group }: JudgeOptions): string | undefined {
  const cluster = { spec }
  const labels = group?.labels ?? spec.labels
  try {
    clusterLayout(cluster, defaults)
    if (isSwarm(cluster)) {
      swarmSettings(cluster, [])
      checkSwarm(cluster, group)
    } else {
      balancerOf(cluster)
      podRangeOf(cluster, { slot: 0 })
      nodeSettings(cluster, { labels, near: [] })
      broughtAddOns({ uuid: '', spec }, {})
    }
    checkImage(cluster, image)
    checkKernel(spec, image)
    checkVolumes(spec, { image, defaults, group })
    checkAutoscaler(spec, image)
    return undefined
  } catch (error) {
    if (error instanceof CloudRefusal) return error.message
    throw error
  }
}

/** @throws CloudRefusal for an image that says that it is for the other engine's nodes */
function checkImage(cluster: Pick<Cluster, 'spec'>, { kubeVersion, dockerVersion }: NodeImage): void {
  if (isSwarm(cluster) ? dockerVersion !== undefined : dockerVersion === undefined || kubeVersion !== undefined) return
  const [property, name] = isSwarm(cluster) ? ['docker_version', 'swarm'] : ['kube_version', 'VERSION']
  throw new CloudRefusal(
    `The image has no property ${property}: it is no image of a node of ${cluster.spec.template.coe}. See "croque node-image import ${name}".`,
  )
}

/** @throws CloudRefusal for what needs a kernel of its own on nodes that share the machine's */
function checkKernel(spec: ClusterSpec, { hypervisor }: NodeImage): void {
  if (hypervisor !== 'lxc' || !hasCilium(spec)) return
  throw new CloudRefusal(
    "network_driver cilium loads programs into the kernel of its nodes, and the image is for container guests (img_hv_type=lxc), which have the machine's: use an image for virtual machines, or another network_driver",
  )
}

const volumeWords = {
  bootVolume: 'boot_volume_size',
  containerVolume: 'docker_volume_size',
  etcdVolume: 'etcd_volume_size',
} as const satisfies Partial<Record<keyof Placement, string>>

/** @throws CloudRefusal */
function checkVolumes(
  spec: ClusterSpec,
  { image, defaults, group }: Pick<JudgeOptions, 'image' | 'defaults'> & { readonly group: NodeGroupSpec | undefined },
): void {
  if (image.hypervisor !== 'lxc') return
  const placement = placementOf({ spec }, defaults, group === undefined ? undefined : { spec: group })
  const asked = Object.entries(volumeWords).find(([name]) => placement[name as keyof typeof volumeWords] !== undefined)
  const word = asked?.[1] ?? (hasCinderCsi(spec) ? 'cinder_csi_enabled' : undefined)
  if (word !== undefined)
    throw new CloudRefusal(
      `${word} asks for a volume, and the image is for container guests (img_hv_type=lxc), which have none: use an image for virtual machines, or leave it away`,
    )
}

/** @throws CloudRefusal where it would say of a node what is true of others too, and another one would go */
function checkAutoscaler(spec: ClusterSpec, { hypervisor }: NodeImage): void {
  if (hypervisor === 'lxc' && hasAutoscaler(spec))
    throw new CloudRefusal(
      'auto_scaling_enabled needs nodes whose system UUID is that of their server, by which cluster-autoscaler names those to remove, and the image is for container guests (img_hv_type=lxc), which have none of their own: use an image for virtual machines, or leave it away',
    )
}

/** Nodes have the Kubernetes of their image, whatever a label says. */
function versionWarning({ labels }: ClusterSpec, { kubeVersion }: NodeImage): readonly string[] {
  const [wished, had] = [parseVersion(labels['kube_tag']), parseVersion(kubeVersion)]
  const tag = labels['kube_tag']?.trim() ?? ''
  if (wished === undefined || had === undefined || compareVersions(wished, had) === 0) return []
  // `v1.34` is any of them.
  if (kubeVersion?.startsWith(`${tag}.`) === true) return []
  return [`Label "kube_tag" says ${tag}, and the image has ${kubeVersion}, which is what the nodes run.`]
}
