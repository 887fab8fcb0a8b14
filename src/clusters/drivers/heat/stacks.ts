/** The cloud of a cluster, by Heat and Neutron. */

import { CroqueError } from '../../../errors/index.ts'
import { type OpenStack, statusOf } from '../../../openstack/index.ts'
import type { Cluster } from '../../model/index.ts'
import { type Addresses, addressesOf } from './addresses.ts'
import { CloudRefusal, type ClusterCloud, clusterTag, type SeenServer, type SeenStack } from './cloud.ts'
import { guestsOn } from './guests.ts'
import { type Machine, machinesOf } from './machines.ts'
import { isBuilt, movedAt } from './movement.ts'
import { stackName } from './names.ts'
import { ask, madeFor } from './orphans.ts'
import type { StackBody } from './template.ts'
import { verdictOf } from './verdict.ts'

interface StacksSession extends Pick<OpenStack, 'request'> {
  readonly identity: { readonly whoami: () => Promise<{ readonly services: readonly string[] }> }
}

export interface StacksOptions {
  /** As the cluster's user; makes the user first when that is not there. */
  readonly session: () => Promise<StacksSession>
  /** Its UUID. */
  readonly user: () => Promise<string>
  readonly leave: () => Promise<void>
}

interface ListedStack {
  readonly id: string
  readonly stack_name: string
  readonly tags: readonly string[] | null
}

interface ShownStack {
  readonly stack_status: string
  readonly stack_status_reason: string | null
  readonly creation_time: string
  readonly updated_time: string | null
  readonly tags: readonly string[] | null
  readonly outputs?: readonly { readonly output_key: string; readonly output_value: unknown }[]
}

interface ListedResource {
  readonly resource_name: string
  readonly resource_type: string
  readonly resource_status: string
  readonly resource_status_reason: string | null
  readonly physical_resource_id: string | null
  readonly updated_time: string
  readonly parent_resource?: string
}

/** Not before is it worth a further question whether a stack goes on. */
const quietMs = 30_000

/** A cluster's stacks, its groups and its nodes: so deep. */
const depth = '2'

export function clusterCloud(cluster: Cluster, { session, user, leave }: StacksOptions): ClusterCloud {
  const heat = async (
    method: 'GET' | 'POST' | 'PUT' | 'DELETE',
    path: string,
    more: Parameters<OpenStack['request']>[3] = {},
  ) => await (await session()).request('orchestration', method, path, more)

  const see = async ({ id, stack_name: name }: ListedStack): Promise<SeenStack | undefined> => {
    const path = `/stacks/${encodeURIComponent(name)}/${id}`
    const [shown, listed] = await Promise.all([
      heat('GET', path, { okStatus: [200, 404] }),
      heat('GET', `${path}/resources`, { query: { nested_depth: depth }, okStatus: [200, 404] }),
    ])
    if (shown.status === 404) return undefined
    // A nested stack that went while Heat looked. Whoever took that for a stack that is gone would make it again, or leave it behind.
    if (listed.status === 404) throw new Error(`The resources of stack ${name} changed while they were listed`)
    const { stack } = shown.body as { readonly stack: ShownStack }
    const { resources } = listed.body as { readonly resources: readonly ListedResource[] }
    const known = await session()
    const ids = resources.flatMap((one) => (isServer(one) ? idOf(one) : []))
    const outputs = textsOf(stack.outputs ?? [])
    const apiPort = outputs['api_port_id'] ?? partOf(resources, 'api_address')
    const [addresses, machines] = await Promise.all([
      addressesOf(known, [
        ...resources.flatMap((one) => (isPort(one) ? idOf(one) : [])),
        ...(apiPort === undefined ? [] : [apiPort]),
      ]),
      machinesOf(known, { prefix: stackName(cluster), ids }),
    ])
    const api = apiOf(addresses.get(apiPort ?? ''))
    const guests = stack.stack_status === 'DELETE_FAILED' ? await guestsOn(known, resources) : []
    return {
      id,
      name,
      status: stack.stack_status,
      reason: [reasonOf(stack, resources), ...guests].join('; '),
      movedAt: await heardOf(path, stack, movedAt(stack, { parts: resources, machines })),
      isBuilt: isBuilt({ parts: resources, machines }),
      tags: stack.tags ?? [],
      ...(api === undefined ? {} : { api }),
      masters: serversOf('master', resources, { addresses, machines }),
      workers: serversOf('minion', resources, { addresses, machines }),
      outputs,
      parts: resources.flatMap(idOf),
    }
  }

  /** A part that Heat makes again by itself, because Nova could not, looks all the time as it did at first: only events tell. */
  const heardOf = async (path: string, { stack_status: status }: ShownStack, moved: number): Promise<number> => {
    if (!isBusy(status) || Date.now() - moved < quietMs) return moved
    const query = { nested_depth: depth, sort_keys: 'event_time', sort_dir: 'desc', limit: '1' }
    const { body } = await heat('GET', `${path}/events`, { query, okStatus: [200, 404] })
    const { events = [] } = body as { readonly events?: readonly { readonly event_time: string }[] }
    return Math.max(moved, ...events.map(({ event_time: time }) => Date.parse(time)))
  }

  const seen = async (): Promise<readonly SeenStack[]> => {
    const { body } = await heat('GET', '/stacks', { query: { tags: clusterTag(cluster) } })
    const { stacks } = body as { readonly stacks: readonly ListedStack[] }
    return (await Promise.all(stacks.map(see))).filter((stack) => stack !== undefined)
  }
  /** As of its token: nobody is asked again before that ends. */
  const catalog = async (): Promise<ReadonlySet<string>> =>
    new Set((await (await session()).identity.whoami()).services)

  return {
    stacks: seen,
    create: async (name, body, tags) =>
      await asked(
        heat('POST', '/stacks', { body: { ...askedFor(body, tags), stack_name: name, disable_rollback: true } }),
      ),
    update: async ({ id, name }, body, tags) =>
      await asked(heat('PUT', `/stacks/${encodeURIComponent(name)}/${id}`, { body: askedFor(body, tags) })),
    remove: async ({ id, name }) => {
      await heat('DELETE', `/stacks/${encodeURIComponent(name)}/${id}`, { okStatus: [204, 404] })
    },
    sweep: async ({ stacks: before, ends }) => {
      const known = await session()
      const made = await madeFor(cluster, known, { userId: await user(), ends, catalog: await catalog() })
      if (made.length === 0) return []
      // Looked at after that: Heat says that a stack is under way before it has anything made.
      const after = await seen()
      const named = new Set(before.map(({ name }) => name))
      const isStill =
        after.length === before.length && after.every(({ name, status }) => named.has(name) && !isBusy(status))
      if (!isStill) return []
      const parts = new Set([...before, ...after].flatMap((stack) => stack.parts))
      const orphans = made.filter(({ id }) => !parts.has(id))
      for (const orphan of orphans) await ask(known, orphan)
      return orphans.map(({ called }) => called)
    },
    offers: async (service) => (await catalog()).has(service),
    leave,
  }
}

const isBusy = (status: string): boolean => status.endsWith('_IN_PROGRESS')

/** Minutes: the operation has a time of its own, and ends before. */
const longest = 240

const askedFor = ({ template, files, parameters }: StackBody, tags: readonly string[]): object => ({
  template,
  files,
  parameters,
  tags: tags.join(','),
  timeout_mins: longest,
})

/** What Heat has understood and refuses will not do the next time either, unless it could only not ask whether it would do. */
async function asked(call: Promise<unknown>): Promise<void> {
  try {
    await call
  } catch (error) {
    const status = statusOf(error)
    if (!(error instanceof CroqueError) || (status !== 400 && status !== 403)) throw error
    const refusal = `${error.message}: ${error.why ?? ''}`
    if (verdictOf(refusal) === 'passes') throw error
    throw new CloudRefusal(refusal, { cause: error })
  }
}

/**
 * Of an innermost part that failed: the others only say that one did. Of several the one that counts most, for parts are given up beside
 * one that failed.
 */
function reasonOf(stack: ShownStack, resources: readonly ListedResource[]): string {
  const failed = resources.filter(({ resource_status: status }) => status.endsWith('_FAILED'))
  if (!stack.stack_status.endsWith('_FAILED')) return ''
  const [first] = failed
    .filter(({ resource_name: name }) => !failed.some(({ parent_resource: parent }) => parent === name))
    .map(({ resource_name: name, resource_status_reason: reason }) => ({ name, reason: reason ?? '' }))
    .sort((a, b) => weightOf(b.reason) - weightOf(a.reason))
  return first === undefined ? (stack.stack_status_reason ?? '') : `${first.name}: ${first.reason}`
}

function weightOf(reason: string): number {
  if (reason === '') return 0
  if (/ aborted| cancelled/.test(reason)) return 1
  return { passes: 2, scarce: 3, lasts: 4 }[verdictOf(reason)]
}

const isServer = ({ resource_name: name }: ListedResource): boolean => /^kube-(master|minion)$/.test(name)
const idOf = ({ physical_resource_id: id }: ListedResource): readonly string[] => (id === null || id === '' ? [] : [id])
const isPort = ({ resource_name: name }: ListedResource): boolean => /^kube_(master|minion)_eth0$/.test(name)
const partOf = (resources: readonly ListedResource[], part: string): string | undefined =>
  resources.filter(({ resource_name: name }) => name === part).flatMap(idOf)[0]

function apiOf({ address, ...more }: Addresses = {}): SeenStack['api'] | undefined {
  return address === undefined ? undefined : { address, ...more }
}

function serversOf(
  role: 'master' | 'minion',
  resources: readonly ListedResource[],
  { addresses, machines }: Known,
): Readonly<Record<string, SeenServer>> {
  const named = (name: string): readonly ListedResource[] => resources.filter((one) => one.resource_name === name)
  const ports = named(`kube_${role}_eth0`)
  return Object.fromEntries(
    named(`kube-${role}`).map((server) => {
      const { parent_resource: index = '' } = server
      const [id] = idOf(server)
      const machine = machines.get(id ?? '')?.state
      const port = ports.find((one) => one.parent_resource === index)?.physical_resource_id ?? ''
      const seen = {
        ...addresses.get(port),
        ...(id === undefined ? {} : { id }),
        ...(machine === undefined ? {} : { machine }),
        status: server.resource_status,
        reason: server.resource_status_reason ?? '',
      }
      return [index, seen]
    }),
  )
}

interface Known {
  /** By UUID of the port. */
  readonly addresses: ReadonlyMap<string, Addresses>
  /** By UUID of the server. */
  readonly machines: ReadonlyMap<string, Machine>
}

const textsOf = (outputs: NonNullable<ShownStack['outputs']>): SeenStack['outputs'] =>
  Object.fromEntries(
    outputs.flatMap(({ output_key: key, output_value: value }) => (typeof value === 'string' ? [[key, value]] : [])),
  )
