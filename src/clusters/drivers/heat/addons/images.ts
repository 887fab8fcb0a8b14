/** Which images add-ons run, and where they are taken from, as Magnum does it: `${CONTAINER_INFRA_PREFIX:-registry.k8s.io/x/}name:tag`. */
import { compareVersions, parseVersion } from '../../../rules/index.ts'
import { CloudRefusal } from '../cloud.ts'
import type { Image } from './add-on.ts'

type Labels = Readonly<Record<string, string>>

const upstream = 'registry.k8s.io'

/**
 * What stands before the last part of an image's name, which is all that a mirror keeps of it; with the upstream itself as prefix they
 * have their own names, some of them in other registries. Undefined where nobody says where images are.
 */
export function imagesOf({ container_infra_prefix: given = '' }: Labels): ((image: Image) => string) | undefined {
  const prefix = given
    .trim()
    .replace(/^https?:\/\//, '')
    .replace(/\/*$/, '/')
  if (prefix === '/') return undefined
  const isUpstream = prefix === `${upstream}/`
  return ({ registry = upstream, path, tag }) =>
    `${isUpstream ? `${registry}/${path}` : `${prefix}${path.replace(/^.*\//, '')}`}:${tag}`
}

/** https://github.com/distribution/reference, `tag`. */
const tagForm = /^\w[\w.-]{0,127}$/

export interface Versions {
  /** Where no label says another. */
  readonly usual: string
  /** The first that knows the flags that it gets here; undefined where all do that somebody may have. */
  readonly oldest?: string
}

const never = { major: 0, minor: 0, patch: 0 }

/** A tag that is no version is taken as it is. @throws CloudRefusal */
export function tagOf(labels: Labels, label: string, { usual, oldest }: Versions): string {
  const tag = labels[label]?.trim() ?? usual
  if (!tagForm.test(tag))
    throw new CloudRefusal(`Label ${label} takes a tag of an image such as ${usual}, and not ${JSON.stringify(tag)}`)
  const version = parseVersion(tag)
  if (version === undefined || compareVersions(version, parseVersion(oldest) ?? never) >= 0) return tag
  throw new CloudRefusal(`Label ${label}: ${tag} does not know what it would be told here; ${oldest} and newer do`)
}
