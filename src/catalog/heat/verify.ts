import { CroqueError } from '../../errors/index.ts'
import { pause } from '../../openstack/index.ts'
import { ownerMark, type Step, type StepContext, throughGateway } from '../content.ts'

/** An engine that has just started is not known to the API at once. */
const readyMs = 120_000
const stackName = 'croque-verify'

const template = {
  heat_template_version: '2021-04-16',
  description: ownerMark,
  resources: { word: { type: 'OS::Heat::RandomString', properties: { length: 12 } } },
  outputs: { word: { value: { get_attr: ['word', 'value'] } } },
}

/** A stack with one resource is made whole and taken away again. */
export function verifySteps(): readonly Step[] {
  return [
    {
      name: 'stack',
      title: 'Heat makes a stack',
      needs: [...throughGateway, 'heat/api', 'heat/engine'],
      run: async (context) => {
        const { cloud, say } = context
        // What a killed verification left.
        await removed(context)
        say(`making the stack ${stackName}`)
        await cloud.orchestration.create({ name: stackName, template })
        const outputs = await completed(context)
        await removed(context)
        return { action: 'unchanged', message: `a stack was made (its word: ${outputs['word'] ?? 'none'}) and removed` }
      },
    },
  ]
}

async function completed({ cloud, signal }: StepContext): Promise<Readonly<Record<string, string>>> {
  for (const end = Date.now() + readyMs; Date.now() < end; await pause(500, signal)) {
    const stack = await cloud.orchestration.find(stackName)
    if (stack?.status === 'CREATE_COMPLETE') return stack.outputs
    if (stack?.status === 'CREATE_FAILED') throw failed('could not be made', stack.reason)
  }
  throw failed(`was not made within ${readyMs / 1000} s`)
}

async function removed({ cloud, signal }: StepContext): Promise<void> {
  for (const end = Date.now() + readyMs; Date.now() < end; await pause(500, signal)) {
    const stack = await cloud.orchestration.find(stackName)
    if (stack === undefined) return
    if (!stack.status.startsWith('DELETE_')) await cloud.orchestration.remove(stack)
    if (stack.status === 'DELETE_FAILED') throw failed('could not be removed', stack.reason)
  }
  throw failed(`was not removed within ${readyMs / 1000} s`)
}

const failed = (what: string, why?: string): CroqueError =>
  new CroqueError('verification-failed', {
    what: `the stack ${stackName} ${what}`,
    ...(why === undefined ? {} : { why }),
  })
