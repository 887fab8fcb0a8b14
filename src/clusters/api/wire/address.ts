/** `{ident}` of a path: a UUID or a name. */
import { conflict, notFound } from './failure.ts'
import { isUuid } from './types.ts'

export interface Addressed<Item> {
  /** Of those the caller may see. */
  readonly byUuid: (uuid: string) => Item | undefined
  readonly byName: (name: string) => readonly Item[]
  /** For the message: `Cluster x could not be found.` */
  readonly noun: 'Cluster' | 'ClusterTemplate' | 'Nodegroup' | 'Federation'
}

const several = {
  Cluster: 'Multiple clusters exist with same name. Please use the cluster uuid instead.',
  ClusterTemplate: 'Multiple ClusterTemplates exist with same name. Please use the ClusterTemplate uuid instead.',
  Nodegroup: 'Multiple nodegroups exist with same name. Please use the nodegroup uuid instead.',
  Federation: 'Multiple federations exist with same name. Please use the federation uuid instead.',
} as const

/** @throws ApiError 404 when there is none, 409 when several have the name */
export function addressed<Item>(ident: string, { byUuid, byName, noun }: Addressed<Item>): Item {
  if (isUuid(ident)) return byUuid(ident.toLowerCase()) ?? missing(noun, ident)
  const [found, ...more] = byName(ident)
  if (more.length > 0) throw conflict(several[noun])
  return found ?? missing(noun, ident)
}

function missing(noun: string, ident: string): never {
  throw notFound(`${noun} ${ident} could not be found.`)
}
