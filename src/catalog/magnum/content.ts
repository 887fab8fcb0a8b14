/**
 * The cluster template that everybody may use. It carries a digest of what was asked for, and the API says whether somebody has changed a
 * template since it was made: so one that a person has touched is left as it is, and ours follows the node image.
 */
import { createHash } from 'node:crypto'
import { CroqueError } from '../../errors/index.ts'
import type { ClusterTemplate, TemplateValues } from '../../openstack/index.ts'
import {
  contentNames,
  type Step,
  type StepAction,
  type StepContext,
  type StepResult,
  throughGateway,
} from '../content.ts'
import type { nodeHosts } from '../context.ts'
import { publicNetworks } from '../neutron/own.ts'
import { nodeImageSteps, observeNodeImage, ownNodeImages } from './node-image.ts'

interface TemplateContent {
  /** Those on which nodes run; their image is of that form. */
  readonly hosts: NonNullable<ReturnType<typeof nodeHosts>>
  /** Name servers that nodes are told; empty: those of the network. */
  readonly dnsServers: readonly string[]
}

export function contentSteps(content: TemplateContent): readonly Step[] {
  return [
    ...nodeImageSteps(content.hosts),
    {
      name: 'cluster-template',
      title: `cluster template ${contentNames.clusterTemplate}`,
      needs: [...throughGateway, 'magnum/api', 'content/node-image', 'content/flavors', 'content/public-network'],
      observe: (context) => observeTemplate(context, content),
      run: (context) => makeTemplate(context, content),
    },
  ]
}

interface Look {
  /** All of that name. */
  readonly named: readonly ClusterTemplate[]
  /** The one among them that is ours alone. */
  readonly own?: ClusterTemplate
  /** Undefined as long as image or network are not there. */
  readonly values?: TemplateValues
}

async function look(context: StepContext, { hosts, dnsServers }: TemplateContent): Promise<Look> {
  const [templates, [image], networks] = await Promise.all([
    context.cloud.containerInfra.templates(),
    ownNodeImages(context, hosts),
    publicNetworks(context),
  ])
  const { template: name, kubernetesVersion } = context.nodeImage
  const named = templates.filter((template) => template.name === name)
  const own = named.find(({ tags, changed }) => tags?.startsWith(mark) === true && !changed)
  const [network] = networks
  return {
    named,
    ...(own === undefined ? {} : { own }),
    ...(image === undefined || network === undefined
      ? {}
      : { values: valuesOf({ name, kubernetesVersion, image: image.id, network: network.id, dnsServers }) }),
  }
}

const mark = 'croque:'

interface Given extends Pick<TemplateContent, 'dnsServers'> {
  readonly name: string
  readonly kubernetesVersion: string
  readonly image: string
  readonly network: string
}

function valuesOf(given: Given): TemplateValues {
  const values = {
    name: given.name,
    coe: 'kubernetes',
    image_id: given.image,
    external_network_id: given.network,
    flavor_id: contentNames.nodeFlavor,
    master_flavor_id: contentNames.nodeFlavor,
    public: true,
    floating_ip_enabled: true,
    // Without it the API refuses more than one master; for one it changes nothing.
    master_lb_enabled: true,
    // By it Horizon knows what is newer.
    labels: { kube_tag: given.kubernetesVersion },
    ...(given.dnsServers.length === 0 ? {} : { dns_nameserver: given.dnsServers.join(',') }),
  }
  const digest = createHash('sha256').update(JSON.stringify(values)).digest('hex').slice(0, 16)
  return { ...values, tags: `${mark}${digest}` }
}

function actionOf({ named, own, values }: Look): StepAction {
  if (named.length === 0) return 'created'
  return own === undefined || own.tags === values?.['tags'] ? 'unchanged' : 'configured'
}

/** A node image that is still to come brings another template with it. */
async function observeTemplate(context: StepContext, content: TemplateContent): Promise<StepAction> {
  const found = await look(context, content)
  const action = actionOf(found)
  if (action !== 'unchanged' || found.own === undefined) return action
  return (await observeNodeImage(context, content.hosts)) === 'unchanged' ? 'unchanged' : 'configured'
}

async function makeTemplate(context: StepContext, content: TemplateContent): Promise<StepResult> {
  const { containerInfra } = context.cloud
  const { template: name, kubernetesVersion } = context.nodeImage
  const found = await look(context, content)
  const action = actionOf(found)
  if (action === 'unchanged')
    return {
      action,
      message: `cluster template ${name}${found.own === undefined ? ' is left as somebody made it' : ''}`,
    }
  if (found.values === undefined)
    throw new CroqueError('openstack-resource-failed', {
      what: `the cluster template ${name} has nothing to stand on`,
      why: `there is no node image of Kubernetes ${kubernetesVersion}, or no network ${contentNames.publicNetwork}`,
    })
  if (found.own !== undefined && !(await containerInfra.removeTemplate(found.own.id)))
    // What its clusters were made of stays; new ones are made of the new one.
    await containerInfra.renameTemplate(found.own.id, `${name}-${found.own.id.slice(0, 8)}`)
  await containerInfra.createTemplate(found.values)
  return { action, message: `cluster template ${name} of Kubernetes ${kubernetesVersion}` }
}
