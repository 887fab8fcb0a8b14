/** `node-image`: what the nodes of tenant clusters boot from, here and in the cloud. */
import {
  importNodeImage,
  type NodeHypervisor,
  type NodeImageInCloud,
  nodeHypervisors,
  nodeImagesIn,
} from '../../catalog/index.ts'
import { stepReporter } from '../../engine/index.ts'
import { CroqueError, nearest } from '../../errors/index.ts'
import {
  buildNodeImage,
  builtNodeImage,
  type KubernetesVersion,
  kubernetesVersions,
  type NodeImage,
} from '../../images/index.ts'
import type { OpenStack } from '../../openstack/index.ts'
import { answer } from '../answer.ts'
import type { CommandContext, CommandOutcome, Run } from '../command.ts'
import { openPresent, templateStep } from '../installation.ts'
import { nodeImageRow, nodeImageTable } from '../node-image-rows.ts'
import { nodeImageSource } from '../node-image-source.ts'
import { megabytes } from '../table.ts'
import { withCloud } from '../with-cloud.ts'

const actions: Readonly<
  Record<string, (context: CommandContext, given: readonly string[]) => Promise<CommandOutcome>>
> = { list, build, import: importInto }

export const run: Run = async (context) => {
  const [action = '', ...given] = context.args
  if (action !== 'import' && context.options.value('hypervisor') !== undefined)
    throw wrong('--hypervisor is for `./croque node-image import`')
  return (await actions[action]?.(context, given)) ?? {}
}

function wrong(what: string, next?: string): CroqueError {
  return new CroqueError('argument-invalid', { what, ...(next === undefined ? {} : { next }) })
}

/** With or without the v. */
function versionOf([given]: readonly string[], action: string): KubernetesVersion {
  const known = `There are images of Kubernetes ${kubernetesVersions.join(' and ')}.`
  if (given === undefined) throw wrong(`\`./croque node-image ${action}\` takes a version of Kubernetes`, known)
  const version = given.startsWith('v') ? given : `v${given}`
  const found = kubernetesVersions.find((one) => one === version)
  if (found !== undefined) return found
  const near = nearest(version, kubernetesVersions)
  throw wrong(
    `No node image is made of Kubernetes ${given}`,
    near === undefined ? known : `${known} Did you mean ${near}?`,
  )
}

async function list(context: CommandContext, given: readonly string[]): Promise<CommandOutcome> {
  if (given.length > 0) throw wrong('`./croque node-image list` takes no version')
  const found = await lookInCloud(context)
  const rows = await Promise.all(
    kubernetesVersions.map(async (version) => nodeImageRow(version, await builtNodeImage(context, version), found)),
  )
  answer(context, { text: nodeImageTable(rows), data: rows })
  return {}
}

/** Undefined when there is no cloud, or none that answers: what is here can be listed all the same. */
async function lookInCloud(context: CommandContext): Promise<readonly NodeImageInCloud[] | undefined> {
  const installation = await openPresent(context)
  if ((await installation.underlay.access()) === undefined) return undefined
  try {
    return await withCloud(context, installation, async ({ cloud }) => await nodeImagesIn(cloud))
  } catch (error) {
    if (context.signal.aborted || !(error instanceof CroqueError) || error.class === 'bug') throw error
    context.emit({ type: 'notice', level: 'warning', message: `The cloud could not be asked: ${error.message}` })
    return undefined
  }
}

async function build(context: CommandContext, given: readonly string[]): Promise<CommandOutcome> {
  const version = versionOf(given, 'build')
  const { root } = await made(context, version)
  return {
    summary: `The node image of Kubernetes ${version} is built: ${root.path} (${megabytes(root.size)})`,
    next: [`./croque node-image import ${version}`],
  }
}

async function made(context: CommandContext, kubernetesVersion: KubernetesVersion): Promise<NodeImage> {
  const { repoDir, cacheDir, env, signal, emit } = context
  const report = stepReporter({ emit, group: 'images' })
  return await buildNodeImage({ repoDir, cacheDir, env, signal, report, kubernetesVersion })
}

async function importInto(context: CommandContext, given: readonly string[]): Promise<CommandOutcome> {
  const version = versionOf(given, 'import')
  const installation = await openPresent(context)
  // Before minutes of building: whether there is a cloud at all.
  const { cloud } = installation
  if ((await installation.underlay.access()) === undefined)
    throw new CroqueError('underlay-absent', { what: `the cloud ${cloud.metadata.name} is not on this machine` })
  const files = await made(context, version)
  const report = stepReporter({ emit: context.emit, group: 'images' })
  const nodeImage = nodeImageSource(context, version)
  const [image, template] = await report.step('import', async (say) =>
    withCloud(context, installation, async (step) => {
      const hypervisor = hypervisorOf(context) ?? (await fitting(step.cloud))
      const imported = await importNodeImage({ ...step, say }, { files, hypervisor })
      const offer = hypervisor === 'lxc' ? installation.steps.get(templateStep) : undefined
      return [imported, await offer?.run({ ...step, say, nodeImage })] as const
    }),
  )
  return {
    summary: `The ${[image, ...(template === undefined ? [] : [template])].map(({ message }) => message).join(', ')} in the cloud ${cloud.metadata.name}`,
    next: [
      './croque node-image list',
      template === undefined
        ? './croque openstack image list --long'
        : `./croque cluster create demo --template ${nodeImage.template}`,
    ],
  }
}

const hypervisorOf = ({ options }: CommandContext): NodeHypervisor | undefined =>
  nodeHypervisors.find((one) => one === options.value('hypervisor'))

/** Container guests run at native speed where there is no KVM, which is where a cloud has hosts for them. */
const fitting = async ({ compute }: OpenStack): Promise<NodeHypervisor> =>
  (await compute.containerHypervisors()).length > 0 ? 'lxc' : 'qemu'
