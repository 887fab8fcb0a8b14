/** Services, components, files and options exist in the catalog, and what is asked of them is possible. */
import { nearest } from '../../errors/index.ts'
import type { CheckedSpec } from '../cloud.ts'
import type { Problem } from '../diagnostics.ts'
import { error } from '../issues.ts'
import { type KnownService, plannedServices } from '../known.ts'
import { checkConfig, withSuggestion } from './config.ts'
import type { Rule } from './index.ts'
import { checkPolicy } from './policy.ts'

type Service = CheckedSpec['services'][string]
type Tuning = Service['components'][string]
type Path = readonly PropertyKey[]

export const serviceRules: Rule = ({ cloud, knownServices }) => {
  const { spec } = cloud
  const named = Object.entries(spec.services).flatMap(([name, service]) => {
    const known = knownServices.find((each) => each.name === name)
    const path = ['spec', 'services', name]
    return known === undefined ? [unknownService(path, name, knownServices)] : checkService(path, service, known)
  })
  const byRole = Object.entries(spec.nodeRoles).flatMap(([role, settings]) =>
    checkServiceConfig(['spec', 'nodeRoles', role, 'config'], settings?.config ?? {}, knownServices),
  )
  return [...named, ...leftOut(spec, knownServices), ...byRole, ...(spec.size === 'ha' ? notYetHa(knownServices) : [])]
}

/** What is left out although something that is not needs it. */
function leftOut({ services }: CheckedSpec, knownServices: readonly KnownService[]): readonly Problem[] {
  const isOff = (name: string): boolean => services[name]?.enabled === false
  return knownServices
    .filter(({ name }) => isOff(name))
    .flatMap(({ name }) => {
      const users = knownServices.filter((other) => !isOff(other.name) && other.needs?.includes(name) === true)
      if (users.length === 0) return []
      const names = users.map((user) => user.name).join(', ')
      const message = `${name} cannot be left out: ${names} ${users.length === 1 ? 'needs' : 'need'} it`
      return [error({ path: ['spec', 'services', name, 'enabled'], message })]
    })
}

function checkServiceConfig(
  path: Path,
  config: Record<string, Tuning['config']>,
  knownServices: readonly KnownService[],
): readonly Problem[] {
  return Object.entries(config).flatMap(([name, files]) => {
    const known = knownServices.find((each) => each.name === name)
    if (known === undefined) return [unknownService([...path, name], name, knownServices)]
    return checkConfig([...path, name], files, known.files)
  })
}

export function unknownService(path: Path, name: string, knownServices: readonly KnownService[]): Problem {
  const allowed = knownServices.map((each) => each.name)
  if (plannedServices.includes(name))
    return error({ path, atKey: true, message: `${name} is planned, and not in this version`, allowed })
  return error({
    path,
    atKey: true,
    message: `there is no service "${name}"`,
    allowed,
    ...withSuggestion(nearest(name, allowed)),
  })
}

function checkService(path: Path, service: Service, known: KnownService): readonly Problem[] {
  const { components, files, singletons = [] } = known
  const perNode = Object.keys(known.perNode ?? {})
  const fixed = components.length > 0 && components.every((name) => singletons.includes(name) || perNode.includes(name))
  const problems = [...checkTuning(path, service, fixed ? replicaLimit(known.name, components, perNode) : undefined)]
  problems.push(...checkConfig([...path, 'config'], service.config, files))
  problems.push(...checkPolicy([...path, 'policy'], service.policy, known.policyRules))
  for (const [name, component] of Object.entries(service.components)) {
    const place = [...path, 'components', name]
    if (!components.includes(name)) {
      problems.push(
        error({
          path: place,
          atKey: true,
          message: `${known.name} has no component "${name}"`,
          allowed: components,
          ...withSuggestion(nearest(name, components)),
        }),
      )
      continue
    }
    const limited = singletons.includes(name) || perNode.includes(name)
    problems.push(
      ...checkTuning(place, component, limited ? replicaLimit(`${known.name}/${name}`, [name], perNode) : undefined),
    )
    problems.push(...checkConfig([...place, 'config'], component.config, files))
  }
  return problems
}

const replicaLimit = (subject: string, components: readonly string[], perNode: readonly string[]): string =>
  components.every((name) => perNode.includes(name))
    ? `${subject} runs once on every node of its role; it has no replicas`
    : `${subject} can only run once in this version`

function checkTuning(path: Path, tuning: Tuning, limit: string | undefined): readonly Problem[] {
  const problems: Problem[] = []
  if (limit !== undefined && (tuning.replicas ?? 1) > 1)
    problems.push(error({ path: [...path, 'replicas'], message: limit }))
  for (const kind of ['cpu', 'memory'] as const) {
    const request = tuning.resources?.requests[kind]
    const most = tuning.resources?.limits[kind]
    if (request === undefined || most === undefined || amount(request) <= amount(most)) continue
    problems.push(
      error({
        path: [...path, 'resources', 'requests', kind],
        message: `the request ${request} is above the limit ${most}`,
      }),
    )
  }
  return problems
}

const units: Readonly<Record<string, number>> = {
  m: 1e-3,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
}

const amount = (quantity: string): number => Number.parseFloat(quantity) * (units[quantity.replace(/^[\d.]+/, '')] ?? 1)

function notYetHa(knownServices: readonly KnownService[]): readonly Problem[] {
  const single = knownServices.flatMap(({ name, singletons = [] }) =>
    singletons.map((component) => `${name}/${component}`),
  )
  if (single.length === 0) return []
  const message = `not everything survives the loss of a node in this version: ${single.join(', ')} run once`
  return [{ severity: 'warning', path: ['spec', 'size'], message }]
}
