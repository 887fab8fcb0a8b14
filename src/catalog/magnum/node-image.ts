/**
 * The node image of tenants' clusters as first content: of the default version of Kubernetes. It is built while the
 * cloud starts, and brought there when Glance answers.
 */
import { type Step, type StepAction, type StepContext, type StepResult, throughGateway } from '../content.ts'
import {
  importNodeImage,
  type NodeForm,
  type NodeImageInCloud,
  nodeImageDigest,
  nodeImagesIn,
} from '../glance/node-image.ts'

/** `form`: the hosts that it is for. */
export const nodeImageSteps = (form: NodeForm): readonly Step[] => [
  {
    name: 'node-image-build',
    title: 'the image of the nodes of clusters, on this machine',
    needs: ['cloud/base'],
    observe: async ({ nodeImage }) => ((await nodeImage.built()) === undefined ? 'created' : 'unchanged'),
    run: buildNodeImage,
  },
  {
    name: 'node-image',
    title: 'the image of the nodes of clusters, in the cloud',
    needs: [...throughGateway, 'glance/api', 'content/node-image-build'],
    observe: (context) => observeNodeImage(context, form),
    run: (context) => bringNodeImage(context, form),
  },
]

async function buildNodeImage({ nodeImage, say }: StepContext): Promise<StepResult> {
  const built = await nodeImage.built()
  if (built === undefined) await nodeImage.make(say)
  return {
    action: built === undefined ? 'created' : 'unchanged',
    message: `node image of Kubernetes ${nodeImage.kubernetesVersion}`,
  }
}

/** Builds nothing: an image that is not on this machine is another one than whatever the cloud has. */
export async function observeNodeImage({ cloud, nodeImage }: StepContext, form: NodeForm): Promise<StepAction> {
  const [files, own] = await Promise.all([nodeImage.built(), ownNodeImages({ cloud, nodeImage }, form)])
  if (own.length === 0) return 'created'
  const digest = files === undefined ? undefined : nodeImageDigest(files, form)
  return own.some((image) => image.digest === digest) ? 'unchanged' : 'configured'
}

/** Those in the cloud that are of the version and for the hosts that this content is about. */
export async function ownNodeImages(
  { cloud, nodeImage }: Pick<StepContext, 'cloud' | 'nodeImage'>,
  form: NodeForm,
): Promise<readonly NodeImageInCloud[]> {
  const { kubernetesVersion } = nodeImage
  return (await nodeImagesIn(cloud)).filter(
    (image) => image.kubernetesVersion === kubernetesVersion && image.form === form,
  )
}

async function bringNodeImage(context: StepContext, form: NodeForm): Promise<StepResult> {
  const files = await context.nodeImage.make(context.say)
  const { action, message } = await importNodeImage(context, { files, form })
  return { action, message }
}
