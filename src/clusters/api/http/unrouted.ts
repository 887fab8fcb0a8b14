/** What Magnum's router (pecan) says to a path or a method that no route has. */
import type { Route } from '../route.ts'
import { inRange } from '../wire/index.ts'

export type Unrouted =
  | { readonly status: 404 }
  | { readonly status: 405; readonly allow: string }
  | { readonly status: 406; readonly detail: string }
  /** An argument of the path is not there. */
  | { readonly status: 400; readonly missing: string }

/** Magnum's names for the parameters of paths. */
const argumentNames: Readonly<Record<string, string>> = {
  cluster: 'cluster_ident',
  nodegroup: 'nodegroup_id',
  template: 'cluster_template_ident',
  federation: 'federation_ident',
  bay: 'bay_ident',
  baymodel: 'baymodel_ident',
}

const partsOf = (path: string): readonly string[] => path.split('/').filter((part) => part !== '')
const isParameter = (part: string | undefined): boolean => part?.startsWith(':') === true

/** Routes that one of Magnum's controllers has: a collection's, or those of a collection below one of its members. */
export function controllerOf(route: Pick<Route, 'path'>): string {
  const [collection = '', , below] = partsOf(route.path)
  return below === undefined || isParameter(below) ? collection : `${collection}/${below}`
}

export interface Asked {
  readonly method: string
  /** Below `/v1`. */
  readonly path: string
  readonly minor: number
}

export function unrouted(routes: readonly Route[], { method, path, minor }: Asked): Unrouted {
  const parts = partsOf(path)
  // What a version took away was never there: bays since 1.11.
  const alive = routes.filter(({ versions }) => inRange({ from: 1, ...only(versions?.to) }, minor))
  const [collection = '', , below = ''] = parts
  const names = new Set(alive.map(controllerOf))
  const name = names.has(`${collection}/${below}`) ? `${collection}/${below}` : collection
  const own = alive.filter((route) => controllerOf(route) === name)
  if (own.length === 0) return method === 'GET' ? { status: 404 } : { status: 405, allow: 'GET' }
  if (!own.some(({ versions }) => inRange(versions, minor))) return tooEarly(own, name, minor)
  return misdirected(own, name, { method, parts })
}

const only = (to: number | undefined): { readonly to?: number } => (to === undefined ? {} : { to })

/** A route that comes with a later version; named by the first of its controller's methods that Magnum looks at. */
export function tooEarly(own: readonly Route[], controller: string, minor: number): Unrouted {
  const methods = own.map((route) => route.method.toLowerCase()).sort()
  const action = controller.endsWith('/actions') ? partsOf(own[0]?.path ?? '').at(-1) : methods[0]
  return {
    status: 406,
    detail: `Version 1.${minor} was requested but the requested API ${action} is not supported for this version.`,
  }
}

function misdirected(
  own: readonly Route[],
  controller: string,
  { method, parts }: { readonly method: string; readonly parts: readonly string[] },
): Unrouted {
  // Actions are no methods to pecan: it has nothing to allow.
  const allow = controller.endsWith('/actions') ? '' : [...new Set(own.map((route) => route.method))].sort().join(', ')
  const same = own.filter((route) => route.method === method).map(({ path }) => partsOf(path))
  const longer = same.filter((route) => route.length > parts.length && isParameter(route[parts.length]))
  const missing = longer[0]?.[parts.length]?.slice(1)
  if (missing !== undefined && !(method === 'GET' && parts.length === 1))
    return { status: 400, missing: argumentNames[missing] ?? missing }
  // A POST to a member is one of too many arguments only for us; below a member it is for Magnum too.
  const isTooLong = same.some((route) => parts.length > (isParameter(route[1]) ? 1 : 2))
  return isTooLong && allow !== '' ? { status: 404 } : { status: 405, allow }
}
