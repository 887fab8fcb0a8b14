/** One cloud on this machine: its document, underlay, images and rendering, put together for a command. */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { NodeDuty, NodeNeed, Step } from '../catalog/index.ts'
import { CroqueError } from '../errors/index.ts'
import { createKube, type Kube } from '../kube/index.ts'
import { type Rendering, render, type Site } from '../render/index.ts'
import type { Cloud } from '../spec/index.ts'
import type { ImageArchive, Underlay } from '../underlay/index.ts'
import type { CommandContext } from './command.ts'
import { type Document, loadDocument, presentDocument } from './document.ts'
import { currentImages, knownImages, nodeRegistry, type References } from './images.ts'
import { registryAuth } from './registry-auth.ts'

export interface Installation {
  readonly cloud: Cloud
  /** Text of the document; absent for the default. */
  readonly text?: string
  /** The command that brings the cloud in line with this document. */
  readonly again: string
  readonly stateDir: string
  readonly site: Site
  readonly rendering: Rendering
  readonly steps: ReadonlyMap<string, Step>
  readonly leaveNode: string
  readonly nodeDuties: readonly NodeDuty[]
  readonly nodeNeeds: readonly NodeNeed[]
  /** What a user has to know of the cloud, a sentence each. */
  readonly notices: readonly string[]
  readonly underlay: Underlay
}

export interface InstallationOptions {
  /** Images that are ready at the moment when a new node is made. */
  readonly readyImages?: () => readonly ImageArchive[]
  /** Bound on the wait for each unit, in place of the document's, seconds. */
  readonly unitSeconds?: number
}

/** A step: where it is, clusters are offered. */
export const templateStep = 'content/cluster-template'

/** The cloud of a document that is given, or of the default one. */
export async function openInstallation(
  context: CommandContext,
  options: InstallationOptions = {},
): Promise<Installation> {
  const document = await loadDocument(context)
  const underlay = await openUnderlay(context, document.cloud, options)
  const pulls = document.cloud.spec.images.source !== 'build'
  const auth = pulls ? await registryAuth(document.cloud, underlay) : undefined
  return await install(
    context,
    document,
    { images: await currentImages(context, document.cloud, auth), underlay },
    options,
  )
}

/** A cloud that is here, as its last `up` had it. */
export async function openPresent(context: CommandContext): Promise<Installation> {
  const document = await presentDocument(context)
  const underlay = await openUnderlay(context, document.cloud)
  return await install(context, document, { images: await knownImages(context, document.cloud), underlay }, {})
}

async function install(
  context: CommandContext,
  document: Document,
  { images, underlay }: { readonly images: References; readonly underlay: Underlay },
  options: InstallationOptions,
): Promise<Installation> {
  const cloud = withTimeout(document.cloud, options.unitSeconds)
  const stateDir = join(context.stateDir, cloud.metadata.name)
  const site = await observeSite(context, images, underlay)
  return { ...document, cloud, stateDir, site, underlay, ...render(cloud, site) }
}

export async function openUnderlay(
  context: CommandContext,
  cloud: Cloud,
  options: InstallationOptions = {},
): Promise<Underlay> {
  const { repoDir, cacheDir, cwd, env } = context
  const { underlay, endpoints } = cloud.spec
  if (underlay.type === 'kubeconfig') {
    const { createKubeconfigUnderlay } = await import('../underlay/kubeconfig/index.ts')
    const { namespace, kubeconfig: file, context: name, storageClass, tunnelInterface } = underlay
    return createKubeconfigUnderlay({
      cwd,
      env,
      namespace,
      ...(file === undefined ? {} : { file }),
      ...(name === undefined ? {} : { context: name }),
      ...(storageClass === undefined ? {} : { storageClass }),
      ...(tunnelInterface === undefined ? {} : { tunnelInterface }),
      tlsRoute: endpoints.exposure === 'Gateway',
    })
  }
  const { createEmbeddedUnderlay } = await import('../underlay/embedded/index.ts')
  return createEmbeddedUnderlay({
    name: cloud.metadata.name,
    stateDir: join(context.stateDir, cloud.metadata.name),
    cacheDir,
    repoDir,
    nodes: underlay.nodes,
    ...(await lxcNodes(context, underlay.lxcNodes)),
    apiPort: underlay.apiPort,
    forwardPorts: [endpoints.port],
    env,
    ...nodeRegistry(cloud),
    ...(options.readyImages === undefined ? {} : { readyImages: options.readyImages }),
  })
}

/** Where the document leaves it open: one where container guests can run, for nodes of clusters are such. */
async function lxcNodes(context: CommandContext, asked: number | undefined) {
  if (asked !== undefined) return { lxcNodes: asked }
  const whyNoLxc = await context.whyNoLxc()
  return whyNoLxc === undefined ? { lxcNodes: 1 } : { lxcNodes: 0, whyNoLxc }
}

/** The installation as it is rendered once the underlay is up: what its nodes can do may only be known then. */
export async function observeAgain(context: CommandContext, installation: Installation): Promise<Installation> {
  const site = await observeSite(context, installation.site.images, installation.underlay)
  if (JSON.stringify(site) === JSON.stringify(installation.site)) return installation
  return { ...installation, site, ...render(installation.cloud, site) }
}

async function observeSite(context: CommandContext, images: References, underlay: Underlay): Promise<Site> {
  return { images, ...(await underlay.abilities(context.signal)) }
}

function withTimeout(cloud: Cloud, unit: number | undefined): Cloud {
  if (unit === undefined) return cloud
  return { ...cloud, spec: { ...cloud.spec, timeouts: { ...cloud.spec.timeouts, unit } } }
}

/** The API server of a cloud that is there. Throws `underlay-absent`. */
export async function openKube(installation: Installation): Promise<Kube> {
  const access = await installation.underlay.access()
  if (access === undefined)
    throw new CroqueError('underlay-absent', {
      what: `the cloud ${installation.cloud.metadata.name} is not on this machine`,
    })
  return createKube(access)
}

/** Writes the cloud's CA certificate, if it has one of its own, beside the kubeconfig: for clients that take a file. */
export async function caFile(
  installation: Installation,
  ca: string | undefined,
): Promise<{ readonly caFile?: string }> {
  if (ca === undefined) return {}
  const path = join(installation.stateDir, 'ca.crt')
  await writeFile(path, ca)
  return { caFile: path }
}
