/** Which options a file may hold: lists recorded from the release itself, as data in `options/<release>/`. */
import { readFileSync } from 'node:fs'
import { nearest } from '../errors/index.ts'

/** Section -> names of its options. */
export type OptionList = Readonly<Record<string, readonly string[]>>

export interface UnknownOption {
  readonly section: string
  /** Absent when it is the section that is unknown. */
  readonly option?: string
  /** The section or option that was most likely meant. */
  readonly suggestion?: string
  /** The section that has an option of this name. */
  readonly elsewhere?: string
}

/** What a section with `auth_type` takes besides: options of keystoneauth's plugins, which no sample configuration lists. */
const authOptions = [
  'application_credential_id',
  'application_credential_name',
  'application_credential_secret',
  'auth_section',
  'auth_type',
  'auth_url',
  'default_domain_id',
  'default_domain_name',
  'domain_id',
  'domain_name',
  'password',
  'project_domain_id',
  'project_domain_name',
  'project_id',
  'project_name',
  'system_scope',
  'trust_id',
  'user_domain_id',
  'user_domain_name',
  'user_id',
  'username',
]

/** The recorded list, by its name (`nova`, `neutron`, `ml2_conf`); undefined when there is none, and any option goes. */
export function optionList(release: string, name: string): OptionList | undefined {
  const file = new URL(`./options/${release}/${name}.json`, import.meta.url)
  try {
    return JSON.parse(readFileSync(file, 'utf8'))
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
    throw error
  }
}

/**
 * The sections and options of a file that the list does not know. A section of the user's own (a Glance store, a Cinder
 * backend) may hold any option that some section knows.
 */
export function checkOptions(
  file: Readonly<Record<string, Readonly<Record<string, unknown>>>>,
  list: OptionList,
): readonly UnknownOption[] {
  return Object.entries(file).flatMap(([section, options]) => {
    const known = list[section]
    if (known === undefined) return checkOwnSection(section, Object.keys(options), list)
    const allowed = new Set(known.includes('auth_type') ? [...known, ...authOptions] : known)
    return Object.keys(options)
      .filter((option) => !allowed.has(option))
      .map((option) =>
        unknown(section, option, { suggestion: nearest(option, allowed), elsewhere: sectionOf(option, list) }),
      )
  })
}

function checkOwnSection(section: string, options: readonly string[], list: OptionList): readonly UnknownOption[] {
  const suggestion = nearest(section, Object.keys(list))
  const strangers = options.filter((option) => sectionOf(option, list) === undefined)
  if (suggestion !== undefined || strangers.length === options.length)
    return [unknown(section, undefined, { suggestion, elsewhere: undefined })]
  return strangers.map((option) =>
    unknown(section, option, { suggestion: nearest(option, Object.values(list).flat()), elsewhere: undefined }),
  )
}

const sectionOf = (option: string, list: OptionList): string | undefined =>
  Object.keys(list).find((section) => list[section]?.includes(option))

function unknown(
  section: string,
  option: string | undefined,
  hints: { suggestion: string | undefined; elsewhere: string | undefined },
): UnknownOption {
  const { suggestion, elsewhere } = hints
  return {
    section,
    ...(option === undefined ? {} : { option }),
    ...(suggestion === undefined ? {} : { suggestion }),
    ...(elsewhere === undefined ? {} : { elsewhere }),
  }
}
