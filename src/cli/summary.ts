/** What state things are in after an `up` that went well. */
import type { Installation } from './installation.ts'

/** Claims no more than what was tried: a document without first content has no server to try. */
export function upSummary({ cloud, steps }: Pick<Installation, 'cloud' | 'steps'>, verified: boolean): string {
  const { host, port } = cloud.spec.endpoints
  const up = `The cloud ${cloud.metadata.name} is up`
  const url = `https://${host}:${port}`
  if (!verified) return `${up} at ${url}; it was not verified`
  return steps.has('verify/server') ? `${up}: a server is ACTIVE at ${url}` : `${up} at ${url}; no server was tried`
}
