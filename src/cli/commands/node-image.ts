/** `node-image`: what the nodes of tenant clusters boot from, here and in the cloud. */
import {
  importNodeImage,
  type NodeForm,
  type NodeImageFiles,
  type NodeImageInCloud,
  nodeCommandLine,
  nodeHosts,
  nodeHypervisors,
  nodeImagesIn,
} from '../../catalog/index.ts'
import { stepReporter } from '../../engine/index.ts'
import { CroqueError, nearest } from '../../errors/index.ts'
import {
  buildNodeDisk,
  buildNodeImage,
  builtNodeDisk,
  builtNodeImage,
  kubernetesVersions,
  type NodeImageKind,
  nodeImageKinds,
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
  const hypervisor = context.options.value('hypervisor')
  if (action !== 'import' && hypervisor !== undefined) throw wrong('--hypervisor is for `./croque node-image import`')
  if (action === 'list' && isWholeDisk(context)) throw wrong('`./croque node-image list` takes no --whole-disk')
  if (hypervisor === 'lxc' && isWholeDisk(context))
    throw wrong('--whole-disk is for virtual machines, and lxc hosts have containers: a disk would not start there')
  return (await actions[action]?.(context, given)) ?? {}
}

function wrong(what: string, next?: string): CroqueError {
  return new CroqueError('argument-invalid', { what, ...(next === undefined ? {} : { next }) })
}

/** Versions with or without the v. */
function kindOf([given]: readonly string[], action: string): NodeImageKind {
  const known = `There are images of Kubernetes ${kubernetesVersions.join(' and ')}, and one of Docker for swarms: swarm.`
  if (given === undefined)
    throw wrong(`\`./croque node-image ${action}\` takes a version of Kubernetes, or swarm`, known)
  const version = /^\d/.test(given) ? `v${given}` : given
  const found = nodeImageKinds.find((one) => one === version)
  if (found !== undefined) return found
  const near = nearest(version, nodeImageKinds)
  throw wrong(
    `No node image is made of Kubernetes ${given}`,
    near === undefined ? known : `${known} Did you mean ${near}?`,
  )
}

async function list(context: CommandContext, given: readonly string[]): Promise<CommandOutcome> {
  if (given.length > 0) throw wrong('`./croque node-image list` takes no version')
  const found = await lookInCloud(context)
  const rows = await Promise.all(
    nodeImageKinds.map(async (kind) => nodeImageRow(kind, await built(context, kind), found)),
  )
  answer(context, { text: nodeImageTable(rows), data: rows })
  return {}
}

async function built(context: CommandContext, kind: NodeImageKind): Promise<NodeImageFiles | undefined> {
  const image = await builtNodeImage(context, kind)
  if (image === undefined) return undefined
  const disk = await builtNodeDisk({ ...context, image, commandLine: nodeCommandLine })
  return { ...image, ...(disk === undefined ? {} : { disk }) }
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
  const kind = kindOf(given, 'build')
  const { root, disk, kubernetesVersion, dockerVersion } = await made(context, kind)
  const engine = kubernetesVersion === undefined ? `Docker ${dockerVersion}` : `Kubernetes ${kubernetesVersion}`
  const { path, size } = disk ?? root
  const what = disk === undefined ? 'The node image' : 'The whole disk'
  return {
    summary: `${what} of ${engine} is built: ${path} (${megabytes(size)})`,
    next: [`./croque node-image import ${kind}${disk === undefined ? '' : ' --whole-disk'}`],
  }
}

/** With the whole disk where that is asked for. */
async function made(context: CommandContext, kind: NodeImageKind): Promise<NodeImageFiles> {
  const { repoDir, cacheDir, env, signal, emit } = context
  const shop = { repoDir, cacheDir, env, signal, report: stepReporter({ emit, group: 'images' }) }
  const image = await buildNodeImage({ ...shop, kind })
  if (!isWholeDisk(context)) return image
  return { ...image, disk: await buildNodeDisk({ ...shop, image, commandLine: nodeCommandLine }) }
}

async function importInto(context: CommandContext, given: readonly string[]): Promise<CommandOutcome> {
  const kind = kindOf(given, 'import')
  const installation = await openPresent(context)
  // Before minutes of building: whether there is a cloud at all.
  const { cloud } = installation
  if ((await installation.underlay.access()) === undefined)
    throw new CroqueError('underlay-absent', { what: `the cloud ${cloud.metadata.name} is not on this machine` })
  const files = await made(context, kind)
  const report = stepReporter({ emit: context.emit, group: 'images' })
  // A swarm has no template of ours.
  const nodeImage = kind === 'swarm' ? undefined : nodeImageSource(context, kind)
  const [image, ...templates] = await report.step('import', async (say) =>
    withCloud(context, installation, async (step) => {
      const form = formOf(context) ?? (await fitting(step.cloud))
      const imported = await importNodeImage({ ...step, say }, { files, form })
      if (form !== nodeHosts(installation.site) || nodeImage === undefined) return [imported]
      const offered = await installation.steps.get(templateStep)?.run({ ...step, say, nodeImage })
      return [imported, ...(offered === undefined ? [] : [offered])]
    }),
  )
  return {
    summary: `The ${[image, ...templates].map(({ message }) => message).join(', ')} in the cloud ${cloud.metadata.name}`,
    next: [
      './croque node-image list',
      nodeImage === undefined || templates.length === 0
        ? './croque openstack image list --long'
        : `./croque cluster create demo --template ${nodeImage.template}`,
    ],
  }
}

const isWholeDisk = ({ options }: CommandContext): boolean => options.flag('whole-disk')

const formOf = (context: CommandContext): NodeForm | undefined =>
  isWholeDisk(context) ? 'disk' : nodeHypervisors.find((one) => one === context.options.value('hypervisor'))

/** Container guests run at native speed where there is no KVM, which is where a cloud has hosts for them. */
const fitting = async ({ compute }: OpenStack): Promise<NodeForm> =>
  (await compute.containerHypervisors()).length > 0 ? 'lxc' : 'qemu'
