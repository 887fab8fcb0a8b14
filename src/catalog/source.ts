/** The words in which a source of images that are not ours is described. */
import type { EnvValue } from './model.ts'
import type { UserName } from './users.ts'

export type SourceName = 'kolla'

/** A text of the catalog -> what stands there in its place. The first that fits wins, so a longer one stands before its beginning. */
export type Words = Readonly<Record<string, string>>

/** What holds for every image of a source. */
export interface Source {
  /** `HOST[:PORT][/PREFIX]` where the images are, unless the document names a mirror. */
  readonly registry: string
  /** The distribution of its images unless the document names another. */
  readonly distro: string
  /** Release -> distribution -> what the tag of every image has after the release. */
  readonly tags: Readonly<Record<string, Readonly<Record<string, string>>>>
  readonly words: Words
  /** Variables of every container that the service has no other word on. */
  readonly env: Readonly<Record<string, EnvValue>>
  /** Files that our images have and these lack, by name; they come by a ConfigMap. */
  readonly programs: Readonly<Record<string, string>>
  /** What an init container runs before the description of what it waits for; `programs` are in {@link programsDir}. */
  readonly wait: readonly string[]
  /** Its start script becomes root by sudo: what a container that is not privileged must be left for that. */
  readonly capabilities: readonly string[]
  /** The image in place of one of ours where it is no component's or task's. */
  readonly standIns: Readonly<Record<string, string>>
}

/** One component or task. */
export interface FromImage {
  readonly image: string
  readonly user?: UserName
  /** Why it runs as root where it does not from our images. */
  readonly root?: string
  readonly env?: Readonly<Record<string, EnvValue>>
}

/** What a service says of a source: its images, or why there are none. */
export type ServiceImages =
  | {
      /** Component or task -> image. */
      readonly works: Readonly<Record<string, string | FromImage>>
      readonly words?: Words
      /** Words on one distribution only, before the others. */
      readonly wordsOn?: Readonly<Record<string, Words>>
    }
  | { readonly none: string }

/** Where the `programs` of a source are mounted in the containers that need them. */
export const programsDir = '/var/lib/croque/programs'
