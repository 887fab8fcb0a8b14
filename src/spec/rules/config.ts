/** Overrides of configuration files: the file is one that may be changed, its options exist. */
import { nearest } from '../../errors/index.ts'
import { checkOptions, type OptionList } from '../../oslo/index.ts'
import type { CheckedSpec } from '../cloud.ts'
import type { Problem } from '../diagnostics.ts'
import { error } from '../issues.ts'

type Config = CheckedSpec['services'][string]['config']
type Sections = Config[string]
type Path = readonly PropertyKey[]

interface Allowed {
  readonly files: Readonly<Record<string, OptionList | undefined>>
  /** Whether a value may be a reference to a Secret here. */
  readonly secretRefs: boolean
}

export const withSuggestion = (suggestion: string | undefined) => (suggestion === undefined ? {} : { suggestion })

export function checkConfig(path: Path, config: Config, { files, secretRefs }: Allowed): readonly Problem[] {
  return Object.entries(config).flatMap(([file, sections]) => {
    const place = [...path, file]
    const names = Object.keys(files)
    if (!names.includes(file)) {
      const message =
        names.length === 0 ? `no configuration file of this service can be changed` : `there is no file "${file}" here`
      return [error({ path: place, atKey: true, message, allowed: names, ...withSuggestion(nearest(file, names)) })]
    }
    const list = files[file]
    return [
      ...(list === undefined ? [] : unknownOptions(place, sections, list)),
      ...(secretRefs ? [] : refusedRefs(place, sections)),
    ]
  })
}

function unknownOptions(path: Path, sections: Sections, list: OptionList): readonly Problem[] {
  return checkOptions(sections, list).map(({ section, option, suggestion, elsewhere }) => {
    if (option === undefined)
      return error({
        path: [...path, section],
        atKey: true,
        message: `there is no section [${section}]`,
        ...withSuggestion(suggestion),
      })
    const other = elsewhere === undefined ? '' : `; [${elsewhere}] has one of that name`
    return error({
      path: [...path, section, option],
      atKey: true,
      message: `[${section}] has no option "${option}"${other}`,
      ...withSuggestion(suggestion),
    })
  })
}

function refusedRefs(path: Path, sections: Sections): readonly Problem[] {
  return Object.entries(sections).flatMap(([section, options]) =>
    Object.entries(options)
      .filter(([, value]) => typeof value === 'object' && value !== null && 'secretRef' in value)
      .map(([option]) =>
        error({
          path: [...path, section, option],
          message: 'a secretRef stands with a service or a component, not with a node role, in this version',
        }),
      ),
  )
}
