/** oslo.config INI files: model, writing, reading, merging, and which options a release knows. */
export { type IniFile, type IniLayer, type IniScalar, type IniValue, mergeIni } from './ini.ts'
export { checkOptions, type OptionList, optionList, type UnknownOption } from './options.ts'
export { type ParsedIni, parseIni } from './parse.ts'
export { writeIni } from './write.ts'
