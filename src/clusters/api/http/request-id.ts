/** Request ids as oslo.middleware gives them. */

export interface RequestIds {
  /** Ours, given back as X-Openstack-Request-Id. */
  readonly own: string
  /** The one the caller sent, when it looks like one: the request it belongs to, all the way through the cloud. */
  readonly global?: string
}

const shape = /^req-[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i

export function requestIds(sent: string | readonly string[] | undefined, uuid: () => string): RequestIds {
  const own = `req-${uuid()}`
  return typeof sent === 'string' && shape.test(sent) ? { own, global: sent } : { own }
}
