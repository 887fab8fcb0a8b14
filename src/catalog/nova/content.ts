import { contentNames, type Step, type StepContext, type StepResult, throughGateway } from '../content.ts'
import { quotaStep } from '../quotas.ts'
import { type FlavorSize, flavorStep } from './flavors.ts'

export interface NovaContent {
  /** Flavors by name; memory in MiB, disk in GiB. */
  readonly flavors?: Readonly<Record<string, FlavorSize>>
  /** Least limits of the administrator's project by Nova's names; higher ones are left alone. */
  readonly quotas?: Readonly<Record<string, number>>
}

const standardFlavors: Readonly<Record<string, FlavorSize>> = {
  'm1.nano': { vcpus: 1, memory: 128, disk: 1 },
  'm1.tiny': { vcpus: 1, memory: 512, disk: 1 },
  'm1.small': { vcpus: 1, memory: 2048, disk: 20 },
}

/** Of nodes of clusters; a control plane takes some 400 MiB of it, and images of Pods need the disk. */
export const nodeFlavors: Readonly<Record<string, FlavorSize>> = {
  [contentNames.nodeFlavor]: { vcpus: 2, memory: 2048, disk: 10 },
}

/** A cluster of a tenant has two server groups; Nova gives a project ten. */
const standardQuotas = { instances: 100, cores: 200, ram: 512 * 1024, server_groups: 100 }

export function contentSteps(options: NovaContent = {}): readonly Step[] {
  const needs = [...throughGateway, 'nova/api']
  return [
    flavorStep(options.flavors ?? standardFlavors, needs),
    {
      name: 'keypair',
      title: `keypair ${contentNames.keypair}`,
      needs,
      observe: async (context) => keypairAction(context, await context.publicKey()),
      run: makeKeypair,
    },
    quotaStep({ name: 'compute', needs, wanted: options.quotas ?? standardQuotas }),
  ]
}

async function keypairAction({ cloud }: StepContext, publicKey: string): Promise<StepResult['action']> {
  const keypair = (await cloud.compute.keypairs()).find(({ name }) => name === contentNames.keypair)
  if (keypair === undefined) return 'created'
  return sameKey(keypair.publicKey, publicKey) ? 'unchanged' : 'configured'
}

async function makeKeypair(context: StepContext): Promise<StepResult> {
  const publicKey = await context.publicKey()
  const name = contentNames.keypair
  const action = await keypairAction(context, publicKey)
  if (action === 'configured') await context.cloud.compute.removeKeypair(name)
  if (action !== 'unchanged') await context.cloud.compute.createKeypair({ name, publicKey: publicKey.trim() })
  return { action, message: `keypair ${name}` }
}

/** The comment at the end does not matter. */
function sameKey(one: string, other: string): boolean {
  const material = (key: string): string => key.trim().split(/\s+/).slice(0, 2).join(' ')
  return material(one) === material(other)
}
