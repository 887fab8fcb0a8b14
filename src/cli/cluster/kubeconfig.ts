/** `cluster kubeconfig` and `cluster kubectl`: an administrator of the cluster, whose key is made here and never leaves. */
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { inline, oneContext } from '../../kube/index.ts'
import { createCsr } from '../../pki/index.ts'
import { answer } from '../answer.ts'
import type { CommandContext, CommandOutcome } from '../command.ts'
import { runKubectl } from '../kubectl.ts'
import { findCluster, refused, type Scene, withScene } from './scene.ts'
import { type Way, wayTo } from './way.ts'
import { oneName, wrong } from './words.ts'

export async function kubeconfig(context: CommandContext, given: readonly string[]): Promise<CommandOutcome> {
  const name = oneName('kubeconfig', given)
  const file = context.options.value('to')
  return await withScene(context, async (scene) => {
    const { way, text } = await made(scene, name)
    if (file === undefined) {
      answer(context, { text, data: { kubeconfig: text, ...way } })
      return {}
    }
    await writePrivately(resolve(context.cwd, file), text)
    return {
      summary: `${file} is a kubeconfig of cluster ${name}. ${sentence(way)}`,
      next: [`kubectl --kubeconfig ${file} get nodes`],
    }
  })
}

export async function kubectl(context: CommandContext, [name, ...args]: readonly string[]): Promise<CommandOutcome> {
  if (name === undefined)
    throw wrong(
      '`./croque cluster kubectl` takes a cluster',
      'For example `./croque cluster kubectl demo -- get nodes`.',
    )
  const directory = await mkdtemp(join(tmpdir(), 'croque-kubectl-'))
  try {
    const path = join(directory, 'kubeconfig')
    const access = await withScene(context, async (scene) => {
      await writePrivately(path, (await made(scene, name)).text)
      return await scene.installation.underlay.access()
    })
    return { exit: await runKubectl(context, { kubeconfigFile: path, ...pick(access?.kubectl) }, args) }
  } finally {
    await rm(directory, { recursive: true, force: true })
  }
}

const pick = (program: string | undefined) => (program === undefined ? {} : { kubectl: program })

async function made(scene: Scene, given: string): Promise<{ readonly way: Way; readonly text: string }> {
  const cluster = await findCluster(scene, given)
  if (cluster.apiAddress?.startsWith('tcp:') === true)
    throw wrong(
      `Cluster ${given} is a swarm, which has no kubeconfig`,
      `\`openstack coe cluster config ${given}\` gives what Docker's client takes.`,
    )
  const { clusters } = scene.infra
  const { csr, key } = await createCsr({ commonName: 'admin', organizations: ['system:masters'] })
  const [way, ca, certificate] = await Promise.all([
    wayTo(scene, cluster),
    refused(`The CA of cluster ${given} cannot be had`, () => clusters.ca(cluster.id)),
    refused(`The certificate for cluster ${given} is not signed`, () => clusters.sign(cluster.id, csr)),
  ])
  return { way, text: kubeconfigText({ name: cluster.name, way, ca, certificate, key }) }
}

interface Kubeconfig {
  readonly name: string
  readonly way: Way
  /** PEM each. */
  readonly ca: string
  readonly certificate: string
  readonly key: string
}

export function kubeconfigText({ name, way, ca, certificate, key }: Kubeconfig): string {
  const cluster = {
    server: way.server,
    ...(way.leadsTo === undefined ? {} : { 'tls-server-name': way.serverName }),
    'certificate-authority-data': inline(ca),
  }
  const login = { 'client-certificate-data': inline(certificate), 'client-key-data': inline(key) }
  return `# ${sentence(way)}\n${oneContext({ name, user: `${name}-admin`, cluster, login })}`
}

const sentence = ({ server, leadsTo }: Way): string =>
  leadsTo === undefined
    ? `It goes straight to ${server}`
    : `It goes to ${server} on this machine, which leads to ${leadsTo} in the networks of the cloud`

/** For its owner only, also where a file of that name was readable for others. */
async function writePrivately(path: string, text: string): Promise<void> {
  await writeFile(path, '', { mode: 0o600 })
  await chmod(path, 0o600)
  await writeFile(path, text)
}
