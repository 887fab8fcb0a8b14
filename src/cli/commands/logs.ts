import { CroqueError, nearest } from '../../errors/index.ts'
import { type KubeObject, readableLine } from '../../kube/index.ts'
import { answer } from '../answer.ts'
import type { CommandContext, Run } from '../command.ts'
import { type Installation, openKube, openPresent } from '../installation.ts'

/** Label selector of `nova` or `nova/compute`. */
function selector(wanted: string, { rendering }: Installation): string {
  const ids = rendering.units.filter(({ kind }) => kind === 'component' || kind === 'task').map(({ id }) => id)
  const [service = wanted] = wanted.split('/')
  if (!ids.some((id) => id === wanted || (!wanted.includes('/') && id.startsWith(`${service}/`)))) {
    const near = nearest(wanted, [...new Set([...ids, ...ids.map((id) => id.split('/')[0] ?? id)])])
    throw new CroqueError('argument-invalid', {
      what: `There is no service or component ${JSON.stringify(wanted)}`,
      ...(near === undefined ? {} : { next: `Did you mean \`./croque logs ${near}\`?` }),
    })
  }
  return wanted.includes('/')
    ? `croque.dev/component=${wanted.replace('/', '.')}`
    : `app.kubernetes.io/name=${service},croque.dev/cloud`
}

const containersOf = (pod: KubeObject): readonly string[] =>
  (pod['spec'] as { containers: readonly { name: string }[] }).containers.map(({ name }) => name)

export const run: Run = async (context: CommandContext) => {
  const installation = await openPresent(context)
  const kube = await openKube(installation)
  const [wanted = ''] = context.args
  const pods = await kube.list(
    { apiVersion: 'v1', kind: 'Pod' },
    { namespace: installation.rendering.namespace, labelSelector: selector(wanted, installation) },
  )
  const tail = context.options.number('tail') ?? 100
  const follow = context.options.flag('follow')
  const several = pods.items.length > 1
  const show = async (pod: KubeObject, container: string): Promise<void> => {
    const { name } = pod.metadata
    const lines = kube.logs(
      { namespace: installation.rendering.namespace, name },
      { container, tail, follow, signal: context.signal },
    )
    for await (const line of lines) {
      const text = readableLine(line)
      answer(context, { text: several ? `${name}: ${text}\n` : `${text}\n`, data: { pod: name, container, line } })
    }
  }
  const all = pods.items.flatMap((pod) => containersOf(pod).map((container) => ({ pod, container })))
  if (follow) await untilStopped(context, Promise.all(all.map(({ pod, container }) => show(pod, container))))
  else for (const { pod, container } of all) await show(pod, container)
  kube.close()
  return {}
}

/** Ctrl-C is how following ends: no error. */
async function untilStopped({ signal }: CommandContext, work: Promise<unknown>): Promise<void> {
  try {
    await work
  } catch (error) {
    if (!signal.aborted) throw error
  }
}
