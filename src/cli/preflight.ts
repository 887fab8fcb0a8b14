/** Everything that stands in the way of `up`, all at once, before anything is changed. */
import { lackingSecrets } from '../engine/index.ts'
import { CroqueError } from '../errors/index.ts'
import { builtinKind, type Kube, refOf } from '../kube/index.ts'
import { type AdminRules, adminRules, nodeRoles } from '../render/index.ts'
import type { CloudNeeds, Finding, Permission } from '../underlay/index.ts'
import type { CommandContext } from './command.ts'
import type { Installation } from './installation.ts'

type Rule = AdminRules['cluster'][number]

/** Throws `preflight-failed` when something cannot be mended by `up` itself. */
export async function preflight(context: CommandContext, installation: Installation): Promise<void> {
  refuse(context, await installation.underlay.preflight(needsOf(installation), context.signal))
}

function refuse(context: Pick<CommandContext, 'emit'>, findings: readonly Finding[]): void {
  for (const finding of findings) context.emit({ type: 'finding', ...finding })
  const wrong = findings.filter(({ ok, severity }) => !ok && severity === 'error')
  if (wrong.length === 0) return
  throw new CroqueError('preflight-failed', {
    what: `${wrong.length} ${wrong.length === 1 ? 'thing stands' : 'things stand'} in the way: ${wrong.map(({ check }) => check).join(', ')}`,
  })
}

/** Secrets that the user makes, as soon as there is a cluster to look into. Throws `preflight-failed`. */
export async function givenSecrets(
  context: Pick<CommandContext, 'emit'>,
  { rendering }: Pick<Installation, 'rendering'>,
  kube: Pick<Kube, 'get'>,
): Promise<void> {
  const { namespace } = rendering
  const lacking = await lackingSecrets(rendering, kube)
  refuse(
    context,
    lacking.map(({ name, keys, absent }) => ({
      check: `Secret ${name}`,
      ok: false,
      severity: 'error',
      message: absent
        ? `there is none in ${namespace}; its keys are ${keys.join(', ')}`
        : `it lacks ${keys.join(', ')}`,
      next: absent
        ? `./croque kubectl -n ${namespace} create secret generic ${name} ${keys.map((key) => `--from-file=${key}`).join(' ')}`
        : `./croque kubectl -n ${namespace} edit secret ${name}`,
    })),
  )
}

/** What the rendering asks of a cluster. */
export function needsOf({
  rendering,
  site,
  cloud,
  nodeNeeds,
}: Pick<Installation, 'rendering' | 'site' | 'cloud' | 'nodeNeeds'>): CloudNeeds {
  const { namespace, ownLabels, units } = rendering
  const { cluster, namespaced } = adminRules(rendering)
  const objects = units.flatMap((unit) => unit.objects)
  const refs = objects.map(refOf)
  const own = objects.find(({ kind, metadata }) => kind === 'Namespace' && metadata.name === namespace)
  const { pullPolicy, pullSecrets } = cloud.spec.images
  return {
    namespace,
    ownLabels,
    namespaceLabels: own?.metadata.labels ?? ownLabels,
    permissions: [...cluster.flatMap(permissionsOf), ...namespaced.flatMap(permissionsOf).map(within(namespace))],
    clusterWide: refs.filter((ref) => builtinKind(ref)?.namespaced === false),
    kinds: refs.filter((ref) => builtinKind(ref) === undefined),
    roles: nodeRoles(rendering),
    images: {
      plain: site.images['base'] ?? 'base',
      qemu: site.images['compute'] ?? 'compute',
      tools: site.images['openstack'] ?? 'openstack',
    },
    nodeNeeds,
    pullPolicy,
    pullSecrets,
  }
}

const within =
  (namespace: string) =>
  (permission: Permission): Permission => ({ ...permission, namespace })

function permissionsOf({ apiGroups, resources, resourceNames, verbs }: Rule): readonly Permission[] {
  const names = resourceNames === undefined ? [{}] : resourceNames.map((name) => ({ name }))
  return apiGroups.flatMap((group) =>
    resources.flatMap((resource) => verbs.flatMap((verb) => names.map((name) => ({ verb, group, resource, ...name })))),
  )
}
