/** Which images add-ons run, and where they are taken from, as Magnum does it: `${CONTAINER_INFRA_PREFIX:-registry.k8s.io/x/}name:tag`. */
import { CloudRefusal } from '../cloud.ts'
import type { Image } from './add-on.ts'

type Labels = Readonly<Record<string, string>>

const upstream = 'registry.k8s.io'

/**
 * What stands before the last part of an image's name, which is all that a mirror keeps of it; with the upstream itself as prefix they
 * have their own names. Undefined where nobody says where images are.
 */
export function imagesOf({ container_infra_prefix: given = '' }: Labels): ((image: Image) => string) | undefined {
  const prefix = given
    .trim()
    .replace(/^https?:\/\//, '')
    .replace(/\/*$/, '/')
  if (prefix === '/') return undefined
  return ({ path, tag }) => `${prefix}${prefix === `${upstream}/` ? path : path.replace(/^.*\//, '')}:${tag}`
}

/** https://github.com/distribution/reference, `tag`. */
const tagForm = /^\w[\w.-]{0,127}$/

/** @throws CloudRefusal */
export function tagOf(labels: Labels, label: string, usual: string): string {
  const tag = labels[label]?.trim() ?? usual
  if (tagForm.test(tag)) return tag
  throw new CloudRefusal(`Label ${label} takes a tag of an image such as ${usual}, and not ${JSON.stringify(tag)}`)
}
