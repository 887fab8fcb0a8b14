/** Volume types, by which users choose where a volume stands, and their limits. */
import type { VolumeQos, Volumes, VolumeType } from '../../openstack/index.ts'
import { ownerMark, type Step, type StepContext, type StepResult, throughGateway } from '../content.ts'
import type { WantedType } from './types.ts'

export function contentSteps(wanted: readonly WantedType[]): readonly Step[] {
  return [
    {
      name: 'volume-types',
      title: `volume types ${wanted.map(({ name }) => name).join(', ')}`,
      needs: [...throughGateway, 'cinder/api'],
      observe: async ({ cloud }) => actionOf(await differences(cloud.volume, wanted)),
      run: (context) => converge(context, wanted),
    },
  ]
}

const backendKey = 'volume_backend_name'
/** Limits carry no description: ours are known by their name. */
const qosPrefix = 'croque-'

interface Difference {
  readonly action: 'created' | 'configured'
  readonly what: string
  readonly mend: () => Promise<void>
}

const actionOf = (found: readonly Difference[]): StepResult['action'] => {
  if (found.length === 0) return 'unchanged'
  return found.some(({ action }) => action === 'created') ? 'created' : 'configured'
}

/** Limits hang on types, so that it takes a second look once these are made. */
async function converge({ cloud, say }: StepContext, wanted: readonly WantedType[]): Promise<StepResult> {
  const done: Difference[] = []
  for (let found = await differences(cloud.volume, wanted); found.length > 0 && done.length < 1000; ) {
    for (const difference of found) {
      say(difference.what)
      await difference.mend()
      done.push(difference)
    }
    found = (await differences(cloud.volume, wanted)).filter(({ what }) => done.every((before) => before.what !== what))
  }
  const action = actionOf(done)
  const names = wanted.map(({ name }) => name).join(', ')
  return { action, message: done.length === 0 ? `volume types ${names}` : done.map(({ what }) => what).join('; ') }
}

async function differences(volume: Volumes, wanted: readonly WantedType[]): Promise<readonly Difference[]> {
  const [types, qos] = await Promise.all([volume.types(), volume.qos()])
  const isWanted = ({ name }: { readonly name: string }): boolean => wanted.some((each) => each.name === name)
  const unwanted = types.filter((type) => type.description === ownerMark && !isWanted(type))
  const used = unwanted.length === 0 ? new Set() : await volume.usedTypes()
  // One with volumes stays until these are gone or have another type.
  const old = unwanted.filter(({ name }) => !used.has(name))
  const limits = new Set(wanted.filter((each) => each.qos !== undefined).map(({ name }) => `${qosPrefix}${name}`))
  return [
    ...wanted.flatMap((each) =>
      ofType(
        volume,
        each,
        types.find(({ name }) => name === each.name),
      ),
    ),
    ...wanted.flatMap((each) => ofQos(volume, each, { types, qos })),
    ...qos
      .filter(({ name }) => name.startsWith(qosPrefix) && !limits.has(name))
      .map(({ id, name }) => difference('configured', `limits ${name} removed`, () => volume.removeQos(id))),
    ...old.map(({ id, name }) => difference('configured', `volume type ${name} removed`, () => volume.removeType(id))),
  ]
}

const difference = (action: Difference['action'], what: string, mend: () => Promise<void>): Difference => ({
  action,
  what,
  mend,
})

/** Cinder keeps the names of types unique. A backend that somebody else gave the type stays, and so do other specs. */
function ofType(volume: Volumes, wanted: WantedType, type: VolumeType | undefined): readonly Difference[] {
  const { name, isPublic } = wanted
  const specs = { [backendKey]: wanted.backend, ...wanted.specs }
  if (type === undefined) {
    const made = { name, isPublic, specs, description: ownerMark }
    return [difference('created', `volume type ${name}`, async () => void (await volume.createType(made)))]
  }
  const missing = Object.entries(specs).filter(([key, value]) =>
    key === backendKey && !(key in wanted.specs) ? type.specs[key] === undefined : type.specs[key] !== value,
  )
  return [
    ...(missing.length === 0
      ? []
      : [
          difference('configured', `specs of volume type ${name}`, () =>
            volume.setSpecs(type.id, Object.fromEntries(missing)),
          ),
        ]),
    ...(type.isPublic === isPublic
      ? []
      : [difference('configured', `access to volume type ${name}`, () => volume.setPublic(type.id, isPublic))]),
  ]
}

interface Present {
  readonly types: readonly VolumeType[]
  readonly qos: readonly VolumeQos[]
}

/** A type that has limits of somebody else's keeps them. */
function ofQos(volume: Volumes, { name, qos: wanted }: WantedType, { types, qos }: Present): readonly Difference[] {
  if (wanted === undefined) return []
  const own = `${qosPrefix}${name}`
  const found = qos.find((each) => each.name === own)
  if (found === undefined)
    return [difference('created', `limits ${own}`, async () => void (await volume.createQos({ name: own, ...wanted })))]
  const type = types.find((each) => each.name === name)
  const changed = Object.entries(wanted.specs).filter(([key, value]) => found.specs[key] !== value)
  const extra = Object.keys(found.specs).filter((key) => !(key in wanted.specs))
  return [
    ...(changed.length === 0 && found.consumer === wanted.consumer
      ? []
      : [
          difference('configured', `values of limits ${own}`, () =>
            volume.setQos(found.id, { consumer: wanted.consumer, specs: Object.fromEntries(changed) }),
          ),
        ]),
    ...(extra.length === 0
      ? []
      : [difference('configured', `fewer limits ${own}`, () => volume.removeQosKeys(found.id, extra))]),
    ...(type === undefined || type.qos !== undefined
      ? []
      : [difference('configured', `limits of volume type ${name}`, () => volume.associateQos(found.id, type.id))]),
  ]
}
