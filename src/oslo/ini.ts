/** The model of an oslo.config INI file. */

export type IniScalar = string | number | boolean

/** A list is a multi-valued option: one line each, in order. */
export type IniValue = IniScalar | readonly IniScalar[]

/** Section -> option -> value. */
export type IniFile = Readonly<Record<string, Readonly<Record<string, IniValue>>>>

/** What lies over a file: null takes an option out. */
export type IniLayer = Readonly<Record<string, Readonly<Record<string, IniValue | null>>>>

/**
 * Lays files over each other, the last one on top; a list replaces a list. Options keep the place where they first stood.
 * Sections that end up empty are left out.
 */
export function mergeIni(...layers: readonly IniLayer[]): IniFile {
  const sections = new Map<string, Map<string, IniValue>>()
  for (const layer of layers) {
    for (const [name, options] of Object.entries(layer)) {
      const section = sections.get(name) ?? new Map<string, IniValue>()
      sections.set(name, section)
      for (const [option, value] of Object.entries(options)) {
        if (value === null) section.delete(option)
        else section.set(option, value)
      }
    }
  }
  const filled = [...sections].filter(([, options]) => options.size > 0)
  return Object.fromEntries(filled.map(([name, options]) => [name, Object.fromEntries(options)]))
}
