/**
 * Images that are not ours. The catalog is written for the images of `images/`; another source of images declares what it calls them
 * and how what runs from them differs, and {@link fromSource} says the same work in its words. Nothing else knows of a difference.
 */
import { CroqueError } from '../errors/index.ts'
import { kolla } from './kolla.ts'
import type {
  Component,
  FileSpec,
  Ini,
  ProbeSpec,
  ServiceDefinition,
  ServiceParts,
  SourceImage,
  Task,
} from './model.ts'
import type { FromImage, Source, SourceName, Words } from './source.ts'

export const sources: Readonly<Record<SourceName, Source>> = { kolla }

export interface Origin {
  readonly source: SourceName
  readonly distro: string
}

/** The parts of a service as they run from the images of a source. */
export function fromSource(
  { name, images }: Pick<ServiceDefinition, 'name' | 'images'>,
  parts: ServiceParts,
  { source, distro }: Origin,
): ServiceParts {
  const said = images[source]
  // It may be part of the cloud without running anything there.
  if ('none' in said && parts.components.length === 0) return parts
  if ('none' in said) throw missing(source, name)
  const { env, words } = sources[source]
  const say = wording({ ...said.wordsOn?.[distro], ...said.words, ...words })
  const same = <W extends Component | Task>(work: W): W => {
    const from = said.works[work.name]
    if (from === undefined) throw missing(source, `${name}/${work.name}`)
    const { image, user, root, env: own } = typeof from === 'string' ? ({ image: from } as FromImage) : from
    return {
      ...worded(work, say),
      image: `${source}/${image}` satisfies SourceImage,
      env: { ...(own ?? env), ...worded(work, say).env },
      ...(user === undefined ? {} : { user }),
      // It reads its files once it has become the user that it is elsewhere.
      ...(root === undefined ? {} : { root, owner: work.user }),
    }
  }
  const { components, tasks } = parts
  return { ...parts, components: components.map(same), ...(tasks === undefined ? {} : { tasks: tasks.map(same) }) }
}

const missing = (source: string, what: string): CroqueError =>
  new CroqueError('internal', { what: `the catalog names no image of source ${source} for ${what}` })

type Say = (text: string) => string

const wording = (words: Words): Say => {
  const all = Object.entries(words)
  const pattern = new RegExp(
    all.map(([ours]) => ours.replaceAll(/[\\^$.*+?()[\]{}|/-]/g, String.raw`\$&`)).join('|'),
    'g',
  )
  return (text) => text.replaceAll(pattern, (found) => words[found] ?? found)
}

const mapped = <V, R>(record: Readonly<Record<string, V>>, change: (value: V) => R): Readonly<Record<string, R>> =>
  Object.fromEntries(Object.entries(record).map(([key, value]) => [key, change(value)]))

function worded<W extends Component | Task>(work: W, say: Say): W {
  const { command, files, env } = work
  return {
    ...work,
    command: command.map(say),
    ...(files === undefined ? {} : { files: mapped(files, (file) => fileIn(file, say)) }),
    ...(env === undefined ? {} : { env: mapped(env, (value) => (typeof value === 'string' ? say(value) : value)) }),
    ...('probes' in work ? { probes: probesIn(work.probes, say) } : {}),
    ...('preStop' in work && work.preStop !== undefined ? { preStop: work.preStop.map(say) } : {}),
  }
}

const fileIn = (file: FileSpec, say: Say): FileSpec =>
  'text' in file
    ? { ...file, text: say(file.text) }
    : 'ini' in file
      ? { ...file, ini: iniIn(file.ini, say) }
      : { ...file, yaml: iniIn(file.yaml, say) }

const iniIn = (ini: Ini, say: Say): Ini =>
  mapped(ini, (section) =>
    mapped(section, (value) => {
      if (typeof value === 'object') return value.map((one) => (typeof one === 'string' ? say(one) : one))
      return typeof value === 'string' ? say(value) : value
    }),
  )

function probesIn({ ready, live, ...times }: Component['probes'], say: Say): Component['probes'] {
  const probe = (spec: ProbeSpec): ProbeSpec => ('exec' in spec ? { exec: spec.exec.map(say) } : spec)
  return { ...times, ready: probe(ready), ...(live === undefined ? {} : { live: live === false ? live : probe(live) }) }
}

/** Every image of a source that the catalog asks for, by its name there. */
export const sourceImages = (source: SourceName, catalog: readonly ServiceDefinition[]): readonly string[] => [
  ...new Set(
    catalog.flatMap(({ images }) => {
      const said = images[source]
      return 'none' in said
        ? []
        : Object.values(said.works).map((from) => (typeof from === 'string' ? from : from.image))
    }),
  ),
]
