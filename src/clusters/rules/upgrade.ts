/** Upgrading to a template: what it changes, and what is refused before it starts because it could not end well. */
import type { Cluster, ClusterSpec, ClusterTemplate, NodeGroup, NodeGroupSpec } from '../model/index.ts'
import { labelWarnings, stayingWarnings } from './label-warnings.ts'
import type { Labels } from './labels.ts'
import { Refusal } from './refusal.ts'
import { checkSkew } from './skew.ts'

export interface UpgradeRequest {
  readonly cluster: Cluster
  readonly groups: readonly NodeGroup[]
  readonly template: ClusterTemplate
  /** The one that was named; undefined for the cluster itself, which is its two default groups. */
  readonly group?: NodeGroup
  /** Image of the template a group follows now, if it is still there: an image of its own is kept. */
  readonly imageOf: (templateId: string) => string | undefined
}

export interface Upgrade {
  readonly cluster: Pick<ClusterSpec, 'templateId' | 'template' | 'labels' | 'warnings'>
  readonly nodeGroups: readonly { readonly uuid: string; readonly spec: NodeGroupSpec }[]
}

/** @throws Refusal 409, as Magnum's InvalidClusterTemplateForUpgrade */
export function upgraded(request: UpgradeRequest): Upgrade {
  const { cluster, groups, template, group } = request
  if (group !== undefined && !group.spec.isDefault) return oneGroup(request, group)
  checkSame(cluster, template)
  checkSkew(cluster, groups, template)
  const labels = versionLabels(cluster.spec.labels, template.spec.labels)
  return {
    cluster: {
      templateId: template.uuid,
      template: template.spec,
      labels,
      warnings: [...labelWarnings(labels, template.spec.coe), ...stayingWarnings(labels, template.spec.labels)],
    },
    nodeGroups: groups.filter(({ spec }) => spec.isDefault).map((each) => moved(each, request)),
  }
}

function oneGroup(request: UpgradeRequest, group: NodeGroup): Upgrade {
  const { templateId, template, labels, warnings } = request.cluster.spec
  if (request.template.uuid !== templateId)
    throw notValid(`Nodegroup ${group.spec.name} can be upgraded only to match cluster's template (${template.name}).`)
  return { cluster: { templateId, template, labels, warnings }, nodeGroups: [moved(group, request)] }
}

function moved({ uuid, spec }: NodeGroup, { template, imageOf }: UpgradeRequest): Upgrade['nodeGroups'][number] {
  const followed = spec.isDefault || spec.imageId === (imageOf(spec.templateId) ?? spec.imageId)
  const imageId = followed ? template.spec.imageId : spec.imageId
  const labels = versionLabels(spec.labels, template.spec.labels)
  return { uuid, spec: { ...spec, templateId: template.uuid, imageId, labels } }
}

/** What names a version comes from the template; everything else is the cluster's own and stays. */
function versionLabels(labels: Labels, template: Labels): Labels {
  const versions = Object.entries(template).filter(([name]) => /_(tag|version)$/.test(name))
  return { ...labels, ...Object.fromEntries(versions) }
}

const fixed = {
  coe: 'coe',
  serverType: 'server_type',
  networkDriver: 'network_driver',
  tlsDisabled: 'tls_disabled',
} as const

/** What living nodes cannot change. */
function checkSame(cluster: Cluster, template: ClusterTemplate): void {
  const now = cluster.spec.template
  for (const key of Object.keys(fixed) as readonly (keyof typeof fixed)[]) {
    if (now[key] === template.spec[key]) continue
    const [is, would] = [now[key] ?? 'None', template.spec[key] ?? 'None']
    throw notValid(
      `${fixed[key]} of ${template.spec.name} is ${would}, and of cluster ${cluster.spec.name} ${is}; an upgrade cannot change it. ` +
        `Choose a template with ${fixed[key]} ${is}.`,
    )
  }
}

function notValid(reason: string): Refusal {
  return new Refusal(409, `Cluster Template is not valid for upgrade: ${reason}`)
}
