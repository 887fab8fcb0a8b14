/** The node image of tenants' clusters as first content: of the default version of Kubernetes, for container guests. */
import type { StepAction, StepContext, StepResult } from '../content.ts'
import { importNodeImage, nodeImageDigest, nodeImagesIn } from './node-image.ts'

const hypervisor = 'lxc'

/** Builds nothing: an image that is not on this machine is another one than whatever the cloud has. */
export async function observeNodeImage({ cloud, nodeImage }: StepContext): Promise<StepAction> {
  const [files, found] = await Promise.all([nodeImage.built(), nodeImagesIn(cloud)])
  const own = found.filter(
    (image) => image.kubernetesVersion === nodeImage.kubernetesVersion && image.hypervisor === hypervisor,
  )
  if (own.length === 0) return 'created'
  const digest = files === undefined ? undefined : nodeImageDigest(files, hypervisor)
  return own.some((image) => image.digest === digest) ? 'unchanged' : 'configured'
}

export async function bringNodeImage(context: StepContext): Promise<StepResult> {
  const files = await context.nodeImage.make(context.say)
  const { action, message } = await importNodeImage(context, { files, hypervisor })
  return { action, message }
}
