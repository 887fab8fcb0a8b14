/** Which add-ons a cluster has, by its labels, and what is said of those that it does not get. */
import { labelIsTrue } from '../../../rules/index.ts'
import type { AddOn, Asking } from './add-on.ts'
import { calico } from './calico.ts'
import { cilium } from './cilium.ts'
import { cinderCsi } from './cinder-csi.ts'
import { cloudController } from './cloud-controller.ts'
import { autoscalerWarnings, clusterAutoscaler } from './cluster-autoscaler.ts'
import { dashboard, dashboardWarnings } from './dashboard.ts'
import { flannel } from './flannel.ts'
import { grafana } from './grafana.ts'
import { imagesOf } from './images.ts'
import { metricsServer, metricsServerWarnings } from './metrics-server.ts'
import { nodeExporter } from './node-exporter.ts'
import { prometheus } from './prometheus.ts'

/** What connects Pods, in the place of the driver. */
const networks: readonly AddOn[] = [flannel, calico, cilium]

/** Labels of what a template asks for by its network_driver, and not by a label. */
const ofNetworks: readonly (readonly [label: string, addOn: AddOn])[] = [
  ['calico_tag', calico],
  ['calico_ipv4pool_ipip', calico],
  ['cilium_tag', cilium],
]

/** In the order in which they are brought: Pods of the others wait for nodes that the first have made ready. */
const addOns: readonly AddOn[] = [
  ...networks,
  ...[cloudController, cinderCsi, clusterAutoscaler, metricsServer],
  ...[dashboard, nodeExporter, prometheus, grafana],
]

/** Only what somebody said counts, and no default: a node that waits for a cloud controller whose image is nowhere is of no use. */
const isAskedFor = ({ label, isAsked }: AddOn, spec: Asking): boolean =>
  isAsked?.(spec) ?? labelIsTrue(spec.labels[label] ?? '')

/** Without it nothing in the cluster has anything to call the cloud with. */
const hasCredential = ({ labels }: Asking): boolean => labelIsTrue(labels['cloud_provider_enabled'] ?? 'true')

/** Those that are brought into the cluster. */
export const wishedAddOns = (spec: Asking): readonly AddOn[] =>
  imagesOf(spec.labels) === undefined
    ? []
    : addOns.filter((addOn) => isAskedFor(addOn, spec) && (addOn.login === undefined || hasCredential(spec)))

export const networkAddOns = (spec: Asking): readonly AddOn[] =>
  wishedAddOns(spec).filter((addOn) => networks.includes(addOn))

/** Whether Pods are connected by one of them, and not by the driver. */
export const hasNetworkAddOn = (spec: Asking): boolean => networkAddOns(spec).length > 0

/** Whether nodes wait for a cloud controller before anything runs on them. */
export const hasCloudController = (spec: Asking): boolean => wishedAddOns(spec).includes(cloudController)

/** Whether nodes load programs into their kernel. */
export const hasCilium = (spec: Asking): boolean => wishedAddOns(spec).includes(cilium)

/** Whether Pods have volumes of Cinder. */
export const hasCinderCsi = (spec: Asking): boolean => wishedAddOns(spec).includes(cinderCsi)

/** Whether something in the cluster logs in as its autoscaler. */
export const hasAutoscaler = (spec: Asking): boolean => wishedAddOns(spec).includes(clusterAutoscaler)

/** What labels do not say by themselves: `rules/label-table.ts` has what each needs. */
export function addOnWarnings(spec: Asking): readonly string[] {
  const said = (addOn: AddOn, why: string): string => `Label ${JSON.stringify(addOn.label)} ${why}.`
  if (imagesOf(spec.labels) === undefined)
    return isAskedFor(cloudController, spec)
      ? [
          said(
            cloudController,
            `gives masters the credential only: ${cloudController.name} is installed where container_infra_prefix says where its image is`,
          ),
        ]
      : []
  return [
    ...(spec.labels[flannel.label] === undefined || isAskedFor(flannel, spec)
      ? []
      : [said(flannel, 'has no effect but with vxlan, and network_driver flannel')]),
    ...ofNetworks
      .filter(([label, addOn]) => spec.labels[label] !== undefined && !isAskedFor(addOn, spec))
      .map(([label, { name }]) => `Label ${JSON.stringify(label)} has no effect without network_driver ${name}.`),
    ...addOns.flatMap((addOn) =>
      addOn.login !== undefined && isAskedFor(addOn, spec) && !hasCredential(spec)
        ? [said(addOn, 'has no effect with cloud_provider_enabled=false: nothing in the cluster may call the cloud')]
        : [],
    ),
    ...autoscalerWarnings(spec),
    ...(isAskedFor(metricsServer, spec) ? metricsServerWarnings(spec.labels) : []),
    ...(isAskedFor(dashboard, spec) ? dashboardWarnings(spec.labels) : []),
  ]
}
