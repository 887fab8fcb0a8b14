/**
 * The Cloud document: one zod schema from which the types, the checks, the JSON Schema and the reference page come.
 * What depends on another field (host names, addresses) is filled in by `resolve.ts`; after loading nothing is missing.
 */
import { z } from 'zod'
import { content, endpoints, networks } from './networks.ts'
import { certificates, dnsLabel, duration, imageTag, objectName, registry } from './scalars.ts'
import { node, nodeRole, pullPolicy, roles, service } from './services.ts'
import { storage } from './storage.ts'
import { underlay } from './underlay.ts'

export const apiVersion = 'croque.dev/v1alpha1'
const sizes = ['tiny', 'small', 'ha'] as const
/** OpenStack releases, the default first. */
export const releases = ['2026.1', '2025.1'] as const
const distros = ['ubuntu', 'debian', 'rocky'] as const

const images = z.strictObject({
  source: z
    .enum(['build', 'registry', 'kolla'])
    .default('build')
    .describe(
      'build: made on this machine from Debian and PyPI packages, and brought into its nodes; registry: pulled by the nodes, after `./croque image push`; kolla: the official Kolla images, pulled by the nodes of a given cluster.',
    ),
  registry: registry
    .optional()
    .describe(
      'Registry to push to and pull from, HOST[:PORT][/PREFIX]: registry.example.org:5000/croque. With source: kolla a mirror of quay.io/openstack.kolla.',
    ),
  distro: z
    .enum(distros)
    .optional()
    .describe('Distribution in the official Kolla images; ubuntu unless another is named.'),
  tag: imageTag
    .optional()
    .describe(
      'Tag of the official Kolla images; the default is that of release and distribution: 2026.1-ubuntu-noble.',
    ),
  ca: certificates
    .optional()
    .describe("Certificates, in PEM, of the CA that vouches for the registry, beside the system's own."),
  credentials: objectName
    .optional()
    .describe(
      'Secret of type kubernetes.io/dockerconfigjson, in the namespace of the cloud, with which croque itself pushes to the registry and asks it for digests; the default is the container auth files of whoever runs it.',
    ),
  pullPolicy: pullPolicy.default('IfNotPresent').describe('Pull policy of every container, init and sidecar included.'),
  pullSecrets: z.array(objectName).default([]).describe('Names of Secrets of type kubernetes.io/dockerconfigjson.'),
})

const timeouts = z.strictObject({
  unit: duration.prefault('15m').describe('The longest time that one object may take to become ready.'),
  total: duration.prefault('60m').describe('The longest time that a whole run of up may take.'),
})

const spec = z.strictObject({
  size: z
    .enum(sizes)
    .default('tiny')
    .describe('Replicas and worker processes: tiny for a laptop, small for a team, ha for several nodes.'),
  release: z
    .enum(releases)
    .default(releases[0])
    .describe('OpenStack release, in quotes; images of each are built, and pushed to a registry.'),
  underlay: underlay.prefault({}).describe('The Kubernetes below the cloud.'),
  images: images.prefault({}).describe('Container images.'),
  region: z
    .string()
    .regex(/^[A-Za-z0-9][\w.-]{0,254}$/, 'letters, digits, ".", "_" and "-"')
    .default('RegionOne')
    .describe('Name of the region in Keystone.'),
  endpoints: endpoints.prefault({}).describe('Where the public APIs answer.'),
  internalTls: z
    .boolean()
    .default(false)
    .describe(
      "Whether the cloud's own traffic (database, message queue, APIs, OVN) is encrypted, with certificates of a CA made for it. The public APIs always are.",
    ),
  networks: networks.prefault({}).describe('Networks of the cloud.'),
  storage: storage.prefault({}).describe('The block storage: whose it is, where it stands, and what stands on it.'),
  services: z.record(z.string(), service).prefault({}).describe('Settings by service.'),
  nodeRoles: z.partialRecord(z.enum(roles), nodeRole).prefault({}).describe('Settings by role of nodes.'),
  nodes: z.record(z.string(), node).prefault({}).describe('Settings by name of a node, for what runs once a node.'),
  content: content.prefault({}).describe('What up puts into the cloud once, to begin with.'),
  timeouts: timeouts.prefault({}).describe('Limits of time: 90s, 15m, 1h30m.'),
})

export const cloudSchema = z.strictObject({
  apiVersion: z.literal(apiVersion).describe('Version of this document.'),
  kind: z.literal('Cloud').describe('Kind of this document.'),
  metadata: z
    .strictObject({
      name: dnsLabel(20).default('cloud').describe('Name of the cloud: its state directory and its host name.'),
    })
    .prefault({})
    .describe('Name of the cloud.'),
  spec: spec.prefault({}).describe('What the cloud shall be.'),
})

/** The document as checked, before what depends on other fields is filled in. */
export type CheckedCloud = z.output<typeof cloudSchema>
export type CheckedSpec = CheckedCloud['spec']
export type Release = CheckedSpec['release']
