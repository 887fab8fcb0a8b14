/** A volume of one GiB of each type is made through the public API until it is available, and removed. */
import { CroqueError } from '../../errors/index.ts'
import { pause, type Volume } from '../../openstack/index.ts'
import { type Step, type StepContext, type StepResult, throughGateway } from '../content.ts'

const volumeName = 'croque-verify-volume'
/** By which a volume of that name is known for one of these. */
const madeForKey = 'croque'

/** The first start of cinder-volume, and until the scheduler has heard of it. */
const readyMs = 180_000
const makeMs = 120_000
const tries = 5

interface Verified {
  /** Components that make volumes. */
  readonly workers: readonly string[]
  /** Volume types of the content; empty: a volume without type is made. */
  readonly types: readonly string[]
  /** From one that failed to the next try. @default 3000 */
  readonly pauseMs?: number
}

export function verifySteps({ workers, types, pauseMs = 3000 }: Verified): readonly Step[] {
  return [
    {
      name: 'volume',
      title: 'a volume is made and removed',
      needs: [
        ...throughGateway,
        'cinder/api',
        'cinder/scheduler',
        ...workers,
        ...(types.length > 0 ? ['content/volume-types'] : []),
      ],
      run: (context) => verifyVolumes(context, types.length > 0 ? types : [undefined], pauseMs),
    },
  ]
}

async function verifyVolumes(
  context: StepContext,
  types: readonly (string | undefined)[],
  pauseMs: number,
): Promise<StepResult> {
  await backendsKnown(context)
  await removeOld(context)
  const hosts: string[] = []
  for (const type of types) hosts.push(await verifyVolume(context, type, pauseMs))
  return { action: 'unchanged', message: `a volume was made on ${hosts.join(', on ')} and removed` }
}

/** Returns where it was made. */
async function verifyVolume(context: StepContext, type: string | undefined, pauseMs: number): Promise<string> {
  for (let attempt = 1; ; attempt += 1) {
    const volume = await untilSettled(context, await create(context, type))
    await removeOne(context, volume)
    if (volume.status === 'available') return volume.host ?? 'a backend'
    if (attempt === tries) throw failed(volume, await states(context))
    await pause(pauseMs, context.signal)
  }
}

/** Waits until a backend is up and the scheduler knows where in it volumes can be: a backend of which it has not heard is none. */
async function backendsKnown(context: StepContext): Promise<void> {
  const { volume } = context.cloud
  const end = Date.now() + readyMs
  for (;;) {
    const up = (await volume.services()).filter((each) => each.binary === 'cinder-volume' && each.up)
    const pools = up.length === 0 ? [] : await volume.pools()
    const unknown = up.find(({ host }) => !pools.some((pool) => pool.startsWith(`${host}#`)))
    if (up.length > 0 && unknown === undefined) return
    const what =
      unknown === undefined ? 'no cinder-volume is up' : `${unknown.host} has not told cinder-scheduler of itself`
    if (Date.now() > end) throw new CroqueError('verification-failed', { what, why: await states(context) })
    context.say(`waiting for backends: ${what}`)
    await pause(1000, context.signal)
  }
}

function create({ cloud, say }: StepContext, type: string | undefined): Promise<Volume> {
  say(`asking for a volume${type === undefined ? '' : ` of type ${type}`}`)
  return cloud.volume.create({
    name: volumeName,
    size: 1,
    metadata: { [madeForKey]: 'verification' },
    ...(type === undefined ? {} : { volume_type: type }),
  })
}

const isSettled = ({ status }: Volume): boolean => status === 'available' || status.startsWith('error')

async function untilSettled(context: StepContext, volume: Volume): Promise<Volume> {
  const end = Date.now() + makeMs
  for (;;) {
    const current = await context.cloud.volume.get(volume.id)
    if (current === undefined)
      throw new CroqueError('openstack-resource-failed', {
        what: `volume ${volume.name} was deleted while it was made`,
      })
    if (isSettled(current)) return current
    if (Date.now() > end) throw late(current)
    await pause(300, context.signal)
  }
}

/** What a run that was killed has left. */
async function removeOld(context: StepContext): Promise<void> {
  const left = (await context.cloud.volume.list(volumeName)).filter(
    ({ metadata }) => metadata[madeForKey] !== undefined,
  )
  for (const volume of left) {
    const current = isSettled(volume) ? volume : await untilSettled(context, volume).catch(() => undefined)
    if (current !== undefined) await removeOne(context, current)
  }
}

async function removeOne(context: StepContext, volume: Volume): Promise<void> {
  const end = Date.now() + makeMs
  context.say(`removing volume ${volume.name} (${volume.status})`)
  await context.cloud.volume.remove(volume.id)
  for (;;) {
    const current = await context.cloud.volume.get(volume.id)
    if (current === undefined) return
    if (current.status === 'error_deleting' || Date.now() > end) throw late(current)
    await pause(300, context.signal)
  }
}

async function states({ cloud }: StepContext): Promise<string> {
  const services = await cloud.volume.services()
  return services.map(({ binary, host, up }) => `${binary} on ${host}: ${up ? 'up' : 'down'}`).join('\n')
}

function failed(volume: Volume, why: string): CroqueError {
  return new CroqueError('verification-failed', {
    what: `volume ${volume.name} went into ${volume.status}`,
    why,
    next: 'Look at `./croque logs cinder` and `./croque logs ceph`, then repeat with `./croque verify`.',
  })
}

function late(volume: Volume): CroqueError {
  return new CroqueError('openstack-wait-expired', {
    what: `volume ${volume.name} is still ${volume.status} after ${makeMs / 1000} s`,
  })
}
