/** Overrides of configuration files: the file is one that may be changed, its options exist. */
import { nearest } from '../../errors/index.ts'
import { checkOptions, type OptionList } from '../../oslo/index.ts'
import type { CheckedSpec } from '../cloud.ts'
import type { Problem } from '../diagnostics.ts'
import { error } from '../issues.ts'

type Config = CheckedSpec['services'][string]['config']
type Sections = Config[string]
type Path = readonly PropertyKey[]

type Files = Readonly<Record<string, OptionList | undefined>>

export const withSuggestion = (suggestion: string | undefined) => (suggestion === undefined ? {} : { suggestion })

export function checkConfig(path: Path, config: Config, files: Files): readonly Problem[] {
  return Object.entries(config).flatMap(([file, sections]) => {
    const place = [...path, file]
    const names = Object.keys(files)
    if (!names.includes(file)) {
      const message =
        names.length === 0 ? `no configuration file of this service can be changed` : `there is no file "${file}" here`
      return [error({ path: place, atKey: true, message, allowed: names, ...withSuggestion(nearest(file, names)) })]
    }
    const list = files[file]
    return list === undefined ? [] : unknownOptions(place, sections, list)
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
