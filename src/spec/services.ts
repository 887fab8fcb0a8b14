/** What a user may say about a service, a component, a node role and a node. */
import { z } from 'zod'
import { objectName, quantity } from './scalars.ts'

export const roles = ['control', 'compute', 'compute-lxc', 'network', 'storage'] as const
const pullPolicies = ['IfNotPresent', 'Always', 'Never'] as const

export const pullPolicy = z.enum(pullPolicies)

const secretRef = z
  .strictObject({
    name: objectName.describe('Name of the Secret, in the namespace of the cloud.'),
    key: z.string().min(1).describe('Key in the Secret whose value is taken.'),
  })
  .describe('A value that stands in a Kubernetes Secret.')

const scalar = z.union([z.string(), z.number(), z.boolean()])

/** A value of an option: scalar, list (a multi-valued option: one line each), reference to a Secret, or null: take the option out. */
const configValue = z
  .union(
    [scalar, z.array(scalar), z.null(), z.strictObject({ secretRef })],
    'a text, number or boolean, a list of these, null (takes the option out), or {secretRef: {name, key}}',
  )
  .describe(
    'A value; a list for an option given several times; null takes an option out; {secretRef: {name, key}} reads a Secret.',
  )

const configFile = z.record(z.string(), z.record(z.string(), configValue))

const config = z
  .record(z.string(), configFile)
  .describe(
    'Options over the ones of the release: <file>.<SECTION>.<option>, for example nova.conf: {DEFAULT: {cpu_allocation_ratio: 2}}.',
  )

const amounts = z.strictObject({
  cpu: quantity.optional().describe('Processors: 2, 0.5 or "500m".'),
  memory: quantity.optional().describe('Memory: "512Mi", "2Gi".'),
})

const resources = z.strictObject({
  requests: amounts.prefault({}).describe('What the scheduler sets aside for each Pod.'),
  limits: amounts.prefault({}).describe('What a Pod may not exceed.'),
})

const placement = z.enum(roles)

const tuning = {
  replicas: z
    .int('a whole number')
    .min(1, 'at least 1')
    .max(9, 'at most 9')
    .optional()
    .describe('Number of Pods; the default is that of the size.'),
  resources: resources.optional().describe('Requests and limits; the default is that of the catalog.'),
  placement: placement.optional().describe('Role of the nodes to run on; the default is that of the catalog.'),
  pullPolicy: pullPolicy
    .optional()
    .describe('Pull policy of every container, init and sidecar included; the default is that of spec.images.'),
  config: config.prefault({}),
}

const component = z.strictObject(tuning)

export const service = z.strictObject({
  enabled: z.boolean().default(true).describe('Whether the service is part of the cloud.'),
  ...tuning,
  policy: z
    .record(z.string(), z.string())
    .prefault({})
    .describe(
      'Policy rules over those of the release, by name, in the language of oslo.policy: "os_compute_api:servers:create": "role:admin".',
    ),
  components: z
    .record(z.string(), component)
    .prefault({})
    .describe('The same for one component; it wins over the service.'),
})

const serviceConfig = z.record(z.string(), config).prefault({}).describe('<service>.<file>.<SECTION>.<option>')

export const nodeRole = z.strictObject({
  config: serviceConfig.describe(
    'Options for components on nodes of this role: <service>.<file>.<SECTION>.<option>; wins over the component.',
  ),
})

export const node = z.strictObject({
  config: serviceConfig.describe(
    'Options for components that run once a node, on this node: <service>.<file>.<SECTION>.<option>; wins over everything.',
  ),
})
