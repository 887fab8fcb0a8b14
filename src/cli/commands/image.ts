/** `image`: the container images of a release, here and in a registry. */
import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { stepReporter } from '../../engine/index.ts'
import { CroqueError, nearest } from '../../errors/index.ts'
import { ensureImages, type ImageState, imageStates, pushImages, referenceIn } from '../../images/index.ts'
import { type Cloud, isRegistry } from '../../spec/index.ts'
import { answer } from '../answer.ts'
import type { CommandContext, CommandOutcome, Run } from '../command.ts'
import { loadDocument } from '../document.ts'
import { officialImages } from '../images.ts'
import { openUnderlay } from '../installation.ts'
import { registryAuth } from '../registry-auth.ts'
import { megabytes, table } from '../table.ts'

interface Input {
  readonly context: CommandContext
  readonly cloud: Cloud
  /** The images named, or all. */
  readonly names: readonly string[]
}

const actions: Readonly<Record<string, (input: Input) => Promise<CommandOutcome>>> = { list, build, push, sbom }

export const run: Run = async (context) => {
  const [action = '', ...given] = context.args
  const { cloud } = await loadDocument(context)
  for (const option of ['registry', 'ca']) {
    if (action !== 'push' && context.options.value(option) !== undefined)
      throw wrong(`--${option} is for \`./croque image push\``)
  }
  const official = officialImages(cloud.spec)
  if (official === undefined)
    return (await actions[action]?.({ context, cloud, names: chosen(states(context, cloud), given) })) ?? {}
  if (action !== 'list') throw notOurs(action, official.registry)
  const names = chosen(official.images, given)
  const rows = official.images.filter(({ name }) => names.includes(name))
  const cells = rows.map(({ name, reference }) => [name, reference])
  answer(context, { text: table([['NAME', 'REFERENCE'], ...cells]), data: rows })
  return {}
}

const notOurs = (action: string, registry: string): CroqueError =>
  new CroqueError('argument-invalid', {
    what: `\`./croque image ${action}\` is for the images that croque makes, and this document takes those of ${registry}`,
    next: 'Copy what `./croque image list` names with a tool for registries (skopeo, crane), and give the mirror as spec.images.registry.',
  })

function wrong(what: string, next?: string): CroqueError {
  return new CroqueError('argument-invalid', { what, ...(next === undefined ? {} : { next }) })
}

const states = ({ repoDir, cacheDir }: CommandContext, { spec }: Cloud): readonly ImageState[] =>
  imageStates({ repoDir, cacheDir, release: spec.release })

function chosen(images: readonly { readonly name: string }[], given: readonly string[]): readonly string[] {
  const known = images.map(({ name }) => name)
  const unknown = given.find((name) => !known.includes(name))
  if (unknown === undefined) return given.length === 0 ? known : known.filter((name) => given.includes(name))
  const near = nearest(unknown, known)
  throw wrong(
    `There is no image ${JSON.stringify(unknown)}`,
    `Images: ${known.join(', ')}.${near === undefined ? '' : ` Did you mean ${near}?`}`,
  )
}

async function list({ context, cloud, names }: Input): Promise<CommandOutcome> {
  const rows = states(context, cloud)
    .filter(({ name }) => names.includes(name))
    .map(({ name, reference, built }) => ({
      name,
      reference: referenceOf(cloud, { name, reference }),
      built: built !== undefined,
      ...(built === undefined ? {} : { digest: built.manifest.digest, size: built.size }),
    }))
  const cells = rows.map(({ name, reference, digest, size, built }) => [
    name,
    reference,
    digest ?? '-',
    size === undefined ? '-' : megabytes(size),
    built ? 'yes' : 'no',
  ])
  answer(context, { text: table([['NAME', 'REFERENCE', 'DIGEST', 'SIZE', 'BUILT'], ...cells]), data: rows })
  return {}
}

/** As Pods name it, but for the digest. */
function referenceOf({ spec }: Cloud, image: { readonly name: string; readonly reference: string }): string {
  const { source, registry } = spec.images
  return source === 'registry' && registry !== undefined ? referenceIn(registry, image) : image.reference
}

async function build(input: Input): Promise<CommandOutcome> {
  const { context, cloud, names } = input
  const { repoDir, cacheDir, env, signal, emit } = context
  const report = stepReporter({ emit, group: 'images' })
  await ensureImages({ repoDir, cacheDir, release: cloud.spec.release, names, env, report, signal })
  return { summary: `${counted(names.length)} built`, next: ['./croque image list'] }
}

const counted = (images: number): string => (images === 1 ? '1 image is' : `${images} images are`)

async function push(input: Input): Promise<CommandOutcome> {
  const { context, cloud, names } = input
  const to = registryOf(context, cloud)
  const ca = await caOf(context, cloud)
  const auth =
    cloud.spec.images.credentials === undefined
      ? undefined
      : await registryAuth(cloud, await openUnderlay(context, cloud))
  await build(input)
  const images = states(context, cloud).flatMap(({ built, ...ref }) =>
    built !== undefined && names.includes(ref.name) ? [{ ...ref, ...built }] : [],
  )
  const { env, signal, emit } = context
  const report = stepReporter({ emit, group: 'push' })
  const login = { ...(ca === undefined ? {} : { ca }), ...(auth === undefined ? {} : { auth }) }
  const tally = await pushImages({ to, images, env, report, signal, ...login })
  const pushed = images.map(({ manifest, ...ref }) => ({
    name: ref.name,
    reference: `${referenceIn(to, ref)}@${manifest.digest}`,
  }))
  if (context.output === 'json') emit({ type: 'data', data: { images: pushed, ...tally } })
  const file = context.options.value('file')
  return {
    summary: `${counted(images.length)} in ${to}: ${tally.sent} blobs sent (${megabytes(tally.sentBytes)})`,
    next: cloud.spec.images.source === 'registry' && file !== undefined ? [`./croque up --file ${file}`] : [],
  }
}

function registryOf({ options }: CommandContext, { spec }: Cloud): string {
  const to = options.value('registry') ?? spec.images.registry
  if (to === undefined)
    throw wrong('It is not said where to push', 'Say it by spec.images.registry in the document, or --registry.')
  if (isRegistry(to)) return to
  throw wrong(`--registry must be HOST[:PORT][/PREFIX] in lower case, not ${JSON.stringify(to)}`)
}

async function caOf({ options, cwd }: CommandContext, { spec }: Cloud): Promise<string | undefined> {
  const file = options.value('ca')
  if (file === undefined) return spec.images.ca
  const path = resolve(cwd, file)
  const text = await readFile(path, 'utf8').catch((cause: unknown) => {
    throw wrong(`${path} cannot be read: ${String(cause)}`)
  })
  if (!text.includes('-----BEGIN CERTIFICATE-----')) throw wrong(`${path} is no certificate in PEM`)
  return text
}

async function sbom({ context, cloud, names }: Input): Promise<CommandOutcome> {
  const [name] = names
  if (context.args.length !== 2 || name === undefined)
    throw wrong('`./croque image sbom` takes the name of one image', 'For example `./croque image sbom openstack`.')
  const built = states(context, cloud).find((image) => image.name === name)?.built
  if (built === undefined)
    throw new CroqueError('image-not-built', {
      what: `The image ${name} of ${cloud.spec.release} is not built`,
      next: `Run \`./croque image build ${name}\`, and the same command again.`,
    })
  const text = await readFile(built.sbom, 'utf8')
  answer(context, { text, data: JSON.parse(text) as unknown })
  return {}
}
