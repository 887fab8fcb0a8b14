/** `cluster create`, `resize`, `upgrade` and `delete`: asked of the API, then watched until they have ended. */
import { contentNames } from '../../catalog/index.ts'
import { CroqueError, nearest } from '../../errors/index.ts'
import type { CommandContext, CommandOutcome } from '../command.ts'
import { findCluster, refused, type Scene, withScene } from './scene.ts'
import { watch } from './watch.ts'
import { forgetWay } from './way.ts'
import { labelsOf, oneName, wholeNumber, wrong } from './words.ts'

export async function create(context: CommandContext, given: readonly string[]): Promise<CommandOutcome> {
  const name = oneName('create', given)
  const { options } = context
  const labels = labelsOf(options.values('label'))
  return await withScene(context, async (scene) => {
    const wish = {
      name,
      template: await templateFor(scene, options.value('template') ?? contentNames.clusterTemplate),
      ...(Object.keys(labels).length === 0 ? {} : { labels }),
      ...defined({
        nodeCount: options.number('node-count'),
        masterCount: options.number('master-count'),
        timeout: options.number('timeout'),
        keypair: options.value('keypair'),
        flavor: options.value('flavor'),
        masterFlavor: options.value('master-flavor'),
      }),
    }
    const id = await refused(`Cluster ${name} is not made`, () => scene.infra.clusters.create(wish))
    return await end(scene, { id, name, done: 'is there', asked: 'is being made' })
  })
}

/** A template as it was given, so that one that is not there is told by what there is. */
async function templateFor({ infra }: Scene, given: string): Promise<string> {
  const templates = await infra.templates()
  if (templates.some(({ id, name }) => id === given || name === given)) return given
  const names = templates.map(({ name }) => name)
  if (names.length === 0)
    throw new CroqueError('clusters-not-offered', { what: 'The cloud has no cluster template to make a cluster of' })
  const near = nearest(given, names)
  throw wrong(
    `There is no cluster template ${given}`,
    `Known: ${names.join(', ')}.${near === undefined ? '' : ` Did you mean ${near}?`}`,
  )
}

export async function resize(context: CommandContext, given: readonly string[]): Promise<CommandOutcome> {
  const [name, count, ...rest] = given
  if (name === undefined || count === undefined || rest.length > 0)
    throw wrong('`./croque cluster resize` takes a cluster and a number of nodes', '`./croque cluster resize demo 3`')
  const nodeCount = wholeNumber(count)
  const { options } = context
  const remove = options.values('remove')
  return await withScene(context, async (scene) => {
    const { id } = await findCluster(scene, name)
    const wish = {
      nodeCount,
      ...(remove.length === 0 ? {} : { remove }),
      ...defined({ nodeGroup: options.value('nodegroup') }),
    }
    await refused(`Cluster ${name} is not resized`, () => scene.infra.clusters.resize(id, wish))
    return await end(scene, { id, name, done: 'has its nodes', asked: 'is being resized' })
  })
}

export async function upgrade(context: CommandContext, given: readonly string[]): Promise<CommandOutcome> {
  const [name, template, ...rest] = given
  if (name === undefined || template === undefined || rest.length > 0)
    throw wrong(
      '`./croque cluster upgrade` takes a cluster and the template that it shall be like',
      '`./croque openstack coe cluster template list` shows them.',
    )
  const { options } = context
  return await withScene(context, async (scene) => {
    const { id } = await findCluster(scene, name)
    const wish = {
      template: await templateFor(scene, template),
      ...defined({ nodeGroup: options.value('nodegroup'), maxBatchSize: options.number('max-batch-size') }),
    }
    await refused(`Cluster ${name} is not upgraded`, () => scene.infra.clusters.upgrade(id, wish))
    return await end(scene, { id, name, done: 'is upgraded', asked: 'is being upgraded' })
  })
}

export async function remove(context: CommandContext, given: readonly string[]): Promise<CommandOutcome> {
  const name = oneName('delete', given)
  return await withScene(context, async (scene) => {
    const { id } = await findCluster(scene, name)
    await refused(`Cluster ${name} is not deleted`, () => scene.infra.clusters.remove(id))
    await forgetWay(scene, id)
    return await end(scene, { id, name, done: 'is there', asked: 'is being deleted' })
  })
}

interface End {
  readonly id: string
  readonly name: string
  /** What is so when it went well, and what is so when nobody waits. */
  readonly done: string
  readonly asked: string
}

async function end({ context, infra }: Scene, { id, name, done, asked }: End): Promise<CommandOutcome> {
  const forPrograms = (data: object): void => {
    if (context.output === 'json') context.emit({ type: 'data', data })
  }
  if (context.options.flag('no-wait')) {
    forPrograms({ id, name })
    return { summary: `Cluster ${name} ${asked}`, next: [`./croque cluster show ${name}`] }
  }
  const cluster = await watch({ context, clusters: infra.clusters, id, name })
  if (cluster === undefined) return { summary: `Cluster ${name} is gone`, next: ['./croque cluster list'] }
  forPrograms(cluster)
  const { masterCount, nodeCount, apiAddress } = cluster
  const facts = [
    countOf(masterCount, 'master'),
    countOf(nodeCount, 'node'),
    ...(apiAddress === undefined ? [] : [apiAddress]),
  ]
  return {
    summary: `Cluster ${name} ${done}: ${facts.join(', ')}`,
    next: [
      `./croque cluster kubectl ${name} -- get nodes`,
      `./croque cluster kubeconfig ${name} --to ${name}.kubeconfig`,
    ],
  }
}

const countOf = (count: number, what: string): string => `${count} ${what}${count === 1 ? '' : 's'}`

type Defined<T> = { [K in keyof T]?: Exclude<T[K], undefined> }

/** Without what is undefined. */
const defined = <T extends Readonly<Record<string, unknown>>>(values: T): Defined<T> =>
  Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as Defined<T>
