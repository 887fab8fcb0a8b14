/**
 * The references by which Pods name the images of a cloud. Those of a registry are pinned by what its tags stand for now; the
 * answer is kept in the cache, so that a cloud can be looked at and changed while its registry is lost.
 */
import { join } from 'node:path'
import { catalog, sourceImages, sources } from '../catalog/index.ts'
import { CroqueError } from '../errors/index.ts'
import { readFileIfThere, writeFileAtomically } from '../host/index.ts'
import { type GivenAuth, imageSet, pinnedReferences, referenceIn } from '../images/index.ts'
import type { Cloud } from '../spec/index.ts'
import type { CommandContext } from './command.ts'

type Context = Pick<CommandContext, 'repoDir' | 'cacheDir' | 'env' | 'signal' | 'emit'>

/** Image name of the catalog -> reference. */
export type References = Readonly<Record<string, string>>

/** For what makes or compares: the registry is asked. Throws `image-not-pushed` and what a registry may answer with. */
export async function currentImages(context: Context, { spec }: Cloud, auth?: GivenAuth): Promise<References> {
  const { cacheDir, env, signal } = context
  const wanted = await wantedImages(context, spec)
  const { images, registry, keyed } = wanted
  if (registry === undefined) return plain(images)
  const { ca } = spec.images
  const login = { ...(ca === undefined ? {} : { ca }), ...(auth === undefined ? {} : { auth }) }
  try {
    const pinned = await pinnedReferences({ from: registry, images, env, signal, ...login })
    await keepPins(cacheDir, Object.values(pinned))
    return keyed(pinned)
  } catch (error) {
    const kept = await keptPins(cacheDir, registry, images)
    if (!isLost(error) || images.some(({ name }) => kept[name] === undefined)) throw advised(error, wanted)
    const message = `${error.message}; the images are those that it had when it was last asked`
    context.emit({ type: 'notice', level: 'warning', message })
    return keyed(kept)
  }
}

/** For what looks at a cloud that is here: nobody is asked. A reference that was never pinned goes without. */
export async function knownImages(
  context: Pick<Context, 'repoDir' | 'cacheDir'>,
  { spec }: Cloud,
): Promise<References> {
  const { images, registry, keyed } = await wantedImages(context, spec)
  if (registry === undefined) return plain(images)
  const tagged = Object.fromEntries(images.map((image) => [image.name, referenceIn(registry, image)]))
  return keyed({ ...tagged, ...(await keptPins(context.cacheDir, registry, images)) })
}

interface Wanted {
  readonly images: Images
  /** Absent: they are in the nodes. */
  readonly registry?: string
  /** What to do when the registry lacks one, where it is not for `image push` to bring it there. */
  readonly advice?: string
  /** References by the names that the catalog has for the images. */
  readonly keyed: (byName: References) => References
}

async function wantedImages({ repoDir }: Pick<Context, 'repoDir'>, spec: Cloud['spec']): Promise<Wanted> {
  const official = officialImages(spec)
  if (official !== undefined) return official
  const registry = registryOf(spec)
  const images = await imageSet({ repoDir, release: spec.release })
  return { images, keyed: (byName) => byName, ...(registry === undefined ? {} : { registry }) }
}

/** The images of a document that takes somebody else's, of its services; undefined when it takes ours. */
export function officialImages({
  images,
  release,
  services,
}: Cloud['spec']): (Wanted & { readonly registry: string }) | undefined {
  if (images.source !== 'kolla') return undefined
  const { registry, distro, tags, standIns } = sources[images.source]
  const place = images.registry ?? registry
  const tag = images.tag ?? `${release}-${tags[release]?.[images.distro ?? distro]}`
  const enabled = catalog.filter(({ name }) => services[name]?.enabled !== false)
  const names = [...new Set([...sourceImages(images.source, enabled), ...Object.values(standIns)])]
  return {
    images: names.map((name) => ({ name, reference: `${place}/${name}:${tag}` })),
    registry: place,
    advice: 'Check tag, distro and registry in spec.images; a mirror must have what `./croque image list` names.',
    keyed: (byName) => ({
      ...Object.fromEntries(Object.entries(byName).map(([name, reference]) => [`${images.source}/${name}`, reference])),
      ...Object.fromEntries(Object.entries(standIns).map(([ours, name]) => [ours, byName[name] ?? name])),
    }),
  }
}

const advised = (error: unknown, { advice }: Wanted): unknown =>
  error instanceof CroqueError && error.code === 'image-not-pushed' && advice !== undefined
    ? new CroqueError(error.code, { what: error.message, next: advice, cause: error })
    : error

/** Where nodes that are made here pull from, as an option of their underlay. */
export function nodeRegistry({ spec }: Cloud): { readonly registry?: { readonly host: string; readonly ca?: string } } {
  const registry = registryOf(spec)
  const { ca } = spec.images
  if (registry === undefined) return {}
  return { registry: { host: registry.split('/')[0] ?? registry, ...(ca === undefined ? {} : { ca }) } }
}

type Images = Awaited<ReturnType<typeof imageSet>>

const plain = (images: Images): References => Object.fromEntries(images.map(({ name, reference }) => [name, reference]))

const registryOf = ({ images }: Cloud['spec']): string | undefined =>
  images.source === 'registry' ? images.registry : undefined

const isLost = (error: unknown): error is CroqueError =>
  error instanceof CroqueError && (error.code === 'registry-unreachable' || error.code === 'registry-lost')

const pinsFile = (cacheDir: string): string => join(cacheDir, 'registry-pins.json')

/** `HOST/PREFIX/NAME:TAG` -> `sha256:…` */
async function readPins(cacheDir: string): Promise<Readonly<Record<string, string>>> {
  const text = await readFileIfThere(pinsFile(cacheDir))
  return text === undefined ? {} : (JSON.parse(text) as Record<string, string>)
}

async function keptPins(cacheDir: string, registry: string, images: Images): Promise<References> {
  const pins = await readPins(cacheDir)
  return Object.fromEntries(
    images.flatMap((image) => {
      const reference = referenceIn(registry, image)
      const digest = pins[reference]
      return digest === undefined ? [] : [[image.name, `${reference}@${digest}`]]
    }),
  )
}

async function keepPins(cacheDir: string, pinned: readonly string[]): Promise<void> {
  const before = await readPins(cacheDir)
  const pins = { ...before, ...Object.fromEntries(pinned.map((reference) => reference.split('@'))) }
  if (JSON.stringify(pins) === JSON.stringify(before)) return
  await writeFileAtomically(pinsFile(cacheDir), `${JSON.stringify(pins, null, 1)}\n`)
}
