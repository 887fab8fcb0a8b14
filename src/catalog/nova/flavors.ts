/** Flavors cannot be changed in Nova: one that differs is made anew under its name. Its id is its name, which Nova keeps unique. */
import type { Flavor } from '../../openstack/index.ts'
import type { Step, StepContext, StepResult } from '../content.ts'

/** Memory in MiB, disk in GiB. */
export interface FlavorSize {
  readonly vcpus: number
  readonly memory: number
  readonly disk: number
}

type Sizes = Readonly<Record<string, FlavorSize>>

export function flavorStep(sizes: Sizes, needs: readonly string[]): Step {
  return {
    name: 'flavors',
    title: 'flavors',
    needs,
    observe: async (context) => actionOf(await differences(context, sizes)),
    run: (context) => makeFlavors(context, sizes),
  }
}

interface Differences {
  readonly missing: readonly Flavor[]
  readonly changed: readonly Flavor[]
}

async function differences({ cloud }: StepContext, sizes: Sizes): Promise<Differences> {
  const present = new Map((await cloud.compute.flavors()).map((flavor) => [flavor.name, flavor]))
  const wanted = Object.entries(sizes).map(([name, { vcpus, memory, disk }]) => ({
    id: name,
    name,
    vcpus,
    ram: memory,
    disk,
  }))
  return {
    missing: wanted.filter(({ name }) => !present.has(name)),
    changed: wanted.filter((flavor) => isChanged(flavor, present.get(flavor.name))),
  }
}

/** A flavor of that name with another id was made by somebody else, and is left alone. */
function isChanged(wanted: Flavor, present: Flavor | undefined): boolean {
  if (present === undefined || present.id !== wanted.id) return false
  return present.vcpus !== wanted.vcpus || present.ram !== wanted.ram || present.disk !== wanted.disk
}

function actionOf({ missing, changed }: Differences): StepResult['action'] {
  if (changed.length > 0) return 'configured'
  return missing.length > 0 ? 'created' : 'unchanged'
}

async function makeFlavors(context: StepContext, sizes: Sizes): Promise<StepResult> {
  const found = await differences(context, sizes)
  const { compute } = context.cloud
  for (const flavor of found.changed) await compute.removeFlavor(flavor.id)
  for (const flavor of [...found.missing, ...found.changed]) await compute.createFlavor(flavor)
  return { action: actionOf(found), message: `flavors ${Object.keys(sizes).join(', ')}` }
}
