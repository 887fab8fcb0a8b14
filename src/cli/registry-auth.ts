/** Who croque itself is for the registry of a cloud, where the document says it by a Secret. */
import { CroqueError } from '../errors/index.ts'
import type { GivenAuth } from '../images/index.ts'
import { createKube } from '../kube/index.ts'
import { namespaceOf } from '../render/index.ts'
import type { Cloud } from '../spec/index.ts'
import type { Underlay } from '../underlay/index.ts'
import { secretTextIfThere } from './secret-text.ts'

/** Undefined where the document names no Secret: the container auth files count. Throws `secret-missing`, and what the API server answers with. */
export async function registryAuth(cloud: Cloud, underlay: Pick<Underlay, 'access'>): Promise<GivenAuth | undefined> {
  const name = cloud.spec.images.credentials
  if (name === undefined) return undefined
  const namespace = namespaceOf(cloud)
  const from = `the Secret ${namespace}/${name}`
  const access = await underlay.access()
  if (access === undefined) throw missing(`${from} cannot be read: its cluster is not there yet`)
  const kube = createKube(access)
  try {
    const text = await secretTextIfThere(kube, namespace, name, '.dockerconfigjson')
    if (text === undefined) throw missing(`${from}, which spec.images.credentials names, has no .dockerconfigjson`)
    return { from, text }
  } finally {
    kube.close()
  }
}

const missing = (what: string): CroqueError =>
  new CroqueError('secret-missing', {
    what,
    next: 'Make it with `kubectl create secret docker-registry`, or leave spec.images.credentials out: then the container auth files count.',
  })
