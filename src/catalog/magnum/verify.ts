import { CroqueError } from '../../errors/index.ts'
import { pause } from '../../openstack/index.ts'
import { type Step, type StepContext, type StepResult, throughGateway } from '../content.ts'

/** Its predecessor's lease has to end before a new one works, after a power cut for example. */
const patienceMs = 90_000

/** What `openstack coe service list` asks, the same way: one conductor answers for all, and it is up. */
export function verifySteps(): readonly Step[] {
  return [
    {
      name: 'clusters',
      title: 'Magnum lists its services',
      needs: [...throughGateway, 'magnum/api'],
      run: conductorUp,
    },
  ]
}

async function conductorUp(context: StepContext): Promise<StepResult> {
  const { say, signal } = context
  const end = Date.now() + patienceMs
  for (let said = ''; ; ) {
    const { services, missing } = await look(context)
    if (missing === undefined) return { action: 'unchanged', message: `the API of clusters answers: ${services}` }
    if (Date.now() > end)
      throw new CroqueError('verification-failed', {
        what: 'Magnum answers, and nothing works on clusters',
        why: missing,
      })
    if (missing !== said) say(missing)
    said = missing
    await pause(1000, signal)
  }
}

interface Look {
  readonly services: string
  readonly missing?: string
}

async function look({ cloud }: StepContext): Promise<Look> {
  const listed = await cloud.containerInfra.services()
  const services = listed.map(({ binary, state }) => `${binary} is ${state}`).join(', ')
  if (listed.length === 0) return { services, missing: 'it lists no service' }
  const down = listed.filter(({ state }) => state !== 'up')
  return down.length === 0
    ? { services }
    : { services, missing: down.map(({ binary, host, state }) => `${binary} on ${host} is ${state}`).join(', ') }
}
