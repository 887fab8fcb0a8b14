/** `render`: the Kubernetes objects of a document, as they would be applied. */
import { adminObjects, yamlDocument } from '../../render/index.ts'
import { answer } from '../answer.ts'
import type { Run } from '../command.ts'
import { openInstallation, openPresent } from '../installation.ts'

export const run: Run = async (context) => {
  if (context.options.flag('admin-role')) {
    // Nobody is asked for digests: who may do nothing yet can print it.
    const { rendering, cloud } = await openPresent(context)
    const objects = adminObjects(rendering, cloud.metadata.name)
    const text = adminText(objects, cloud.metadata.name, rendering.namespace)
    answer(context, { text, data: { objects } })
    return {}
  }
  const { rendering } = await openInstallation(context)
  if (context.output === 'json') {
    context.emit({ type: 'data', data: rendering })
    return {}
  }
  const [base, ...rest] = rendering.units.map(({ objects }) => objects)
  const secrets = context.options.flag('generate-secrets') ? await invented(rendering) : []
  context.stdout.write([...(base ?? []), ...secrets, ...rest.flat()].map(yamlDocument).join(''))
  return {}
}

/** Objects for whoever operates the cluster, and what he types next. */
function adminText(objects: ReturnType<typeof adminObjects>, cloud: string, namespace: string): string {
  const name = `croque-${cloud}`
  const hints = [
    'All that croque may do on this cluster for this document. Apply it, and bind it to whoever runs croque:',
    `  kubectl create clusterrolebinding ${name} --clusterrole=${name} --user=USER`,
    `  kubectl create rolebinding ${name} --namespace=${namespace} --role=${name} --user=USER`,
    'Labelling and draining nodes (`./croque node`) is not part of it: patch of nodes, create of pods/eviction.',
  ]
  return `${hints.map((line) => `# ${line}\n`).join('')}${objects.map(yamlDocument).join('')}`
}

/** Secrets with values of their own each time; loaded only when asked for. */
async function invented(rendering: Parameters<typeof import('../../engine/index.ts').inventSecrets>[0]) {
  const { inventSecrets } = await import('../../engine/index.ts')
  return await inventSecrets(rendering)
}
