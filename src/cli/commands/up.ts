/** `up`: the one list of `docs/architecture.md`, from the document to a server that answers. */
import { apply, stepReporter } from '../../engine/index.ts'
import { together } from '../../host/index.ts'
import { ensureImages } from '../../images/index.ts'
import { createKube, type Kube } from '../../kube/index.ts'
import type { ImageArchive, KubeAccess } from '../../underlay/index.ts'
import { engineActions } from '../actions.ts'
import { cacheNames, pruneAfter } from '../cache.ts'
import type { CommandContext, CommandOutcome, Run } from '../command.ts'
import { withinSeconds } from '../deadline.ts'
import { keepDocument } from '../document.ts'
import { exposed } from '../exposed.ts'
import { type Installation, observeAgain, openInstallation } from '../installation.ts'
import { givenSecrets, preflight } from '../preflight.ts'
import { nextCommands, upSummary } from '../summary.ts'

export const run: Run = async (context) => {
  const built: ImageArchive[] = []
  const before = await cacheNames(context.cacheDir)
  const unitSeconds = context.options.number('timeout')
  const installation = await openInstallation(context, {
    readyImages: () => built,
    ...(unitSeconds === undefined ? {} : { unitSeconds }),
  })
  const { total } = installation.cloud.spec.timeouts
  return await withinSeconds(context, total, async (bounded) => {
    const outcome = await bringUp(bounded, installation, built)
    if (outcome.exit === 0) await pruneAfter(bounded, installation, { before, archives: built })
    return outcome
  })
}

async function bringUp(
  context: CommandContext,
  installation: Installation,
  built: ImageArchive[],
): Promise<CommandOutcome> {
  await preflight(context, installation)
  const access = await underlayAndImages(context, installation, built)
  await keepDocument(installation.stateDir, installation.text)
  const kube = createKube(access)
  try {
    return await applyCloud(context, await observeAgain(context, installation), kube)
  } finally {
    kube.close()
  }
}

/** Both take minutes on a bare machine and neither needs the other until the images go into the nodes. */
async function underlayAndImages(
  context: CommandContext,
  installation: Installation,
  built: ImageArchive[],
): Promise<KubeAccess> {
  const { cloud, underlay } = installation
  const { local } = underlay
  context.emit({ type: 'phase', phase: 'underlay', title: 'Kubernetes and images' })
  const report = stepReporter({ emit: context.emit, group: 'underlay' })
  if (local === undefined) return await underlay.up(report, context.signal)
  const images = async (signal: AbortSignal): Promise<void> => {
    // The nodes pull for themselves.
    if (cloud.spec.images.source !== 'build') return
    const { repoDir, cacheDir, env } = context
    const reporter = stepReporter({ emit: context.emit, group: 'images' })
    built.push(
      ...(await ensureImages({ repoDir, cacheDir, release: cloud.spec.release, env, report: reporter, signal })),
    )
  }
  const [access] = await together(context.signal, (signal) => [underlay.up(report, signal), images(signal)])
  await local.importImages(built, report, context.signal)
  const { endpoints, networks } = cloud.spec
  await local.forward([
    { name: 'gateway', hostPort: endpoints.port, target: `${networks.provider.gateway}:${endpoints.port}` },
  ])
  await local.hostNames([endpoints.host])
  return access
}

async function applyCloud(context: CommandContext, installation: Installation, kube: Kube): Promise<CommandOutcome> {
  const { rendering, cloud } = installation
  await givenSecrets(context, installation, kube)
  context.emit({ type: 'phase', phase: 'apply', title: `OpenStack ${cloud.spec.release}` })
  const { actions, close } = engineActions(context, installation, kube)
  const { emit, signal } = context
  const unverified = context.options.flag('skip-verify')
  const without = unverified ? (['verify'] as const) : []
  const result = await apply(rendering, kube, { emit, signal, actions, without }).finally(close)
  if (result.ok) for (const message of installation.notices) emit({ type: 'notice', level: 'info', message })
  if (result.ok && installation.underlay.local === undefined)
    emit({ type: 'notice', level: 'info', message: await exposed(installation, kube) })
  if (result.ok) for (const message of result.left) emit({ type: 'notice', level: 'warning', message })
  return {
    exit: result.ok ? 0 : 1,
    changes: result.changes,
    summary: result.ok ? upSummary(installation, !unverified) : `The cloud ${cloud.metadata.name} is not up`,
    next: result.ok ? nextCommands(installation, !unverified) : ['./croque status', installation.again],
  }
}
