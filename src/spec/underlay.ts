/** The Kubernetes below a cloud: made on this machine, or somebody else's. */
import { z } from 'zod'
import { dnsLabel, objectName, port } from './scalars.ts'

/** Networks inside the embedded underlay, which the networks of the cloud may not overlap: nodes, Pods, Services. */
export const embeddedNetworks = ['10.111.0.0/24', '10.112.0.0/16', '10.113.0.0/16'] as const

/** Names of the nodes that the embedded underlay makes, those for container guests last. */
export const embeddedNodes = (cloud: string, count: number, lxc = 0): readonly string[] => [
  ...Array.from({ length: count }, (_, index) => `${cloud}-${index + 1}`),
  ...Array.from({ length: lxc }, (_, index) => `${cloud}-lxc-${index + 1}`),
]

const embedded = z.strictObject({
  type: z.literal('embedded').optional().default('embedded').describe('embedded: Kubernetes made on this machine.'),
  nodes: z
    .int('a whole number')
    .min(1, 'at least 1')
    .max(9, 'at most 9')
    .default(1)
    .describe('Number of nodes; the first is the control plane.'),
  lxcNodes: z
    .int('a whole number')
    .min(0, 'at least 0')
    .max(9, 'at most 9')
    .optional()
    .describe(
      "Number of further nodes for container guests: servers from images with the property img_hv_type=lxc, at native speed on this machine's kernel; nodes of tenants' clusters are such servers. For evaluation: such guests are no security boundary. The default is 1 where this machine has no KVM and can run them (control groups of version 1), else 0.",
    ),
  apiPort: port.default(6443).describe('TCP port on 127.0.0.1 that leads to the Kubernetes API.'),
})

const kubeconfig = z.strictObject({
  type: z.literal('kubeconfig').describe('kubeconfig: a cluster that somebody else operates, taken as it is.'),
  kubeconfig: z
    .string()
    .min(1, 'the path of a file')
    .optional()
    .describe('Path of the kubeconfig file; the default is $KUBECONFIG, or else ~/.kube/config.'),
  context: z
    .string()
    .min(1, 'the name of a context')
    .optional()
    .describe('Context of that file; the default is its current one.'),
  namespace: dnsLabel(63).default('openstack').describe('Namespace of the cloud; all but what is listed lies in it.'),
  storageClass: objectName
    .optional()
    .describe('StorageClass of every claim; the default is the default class of the cluster.'),
  tunnelInterface: z
    .string()
    .regex(/^[a-z][a-z0-9_.-]{0,14}$/i, 'name of a network interface, at most 15 characters')
    .optional()
    .describe(
      'Interface of the nodes that Open vSwitch takes for the tunnels between guests where the kernel lacks its module; its alias is address/length.',
    ),
})

export const underlay = z.discriminatedUnion('type', [embedded, kubeconfig])
