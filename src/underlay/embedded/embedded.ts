/** The embedded underlay: real Kubernetes in node containers on this machine. What only making it needs is loaded when it is made. */
import { existsSync } from 'node:fs'
import { acquireLock, setHostNames } from '../../host/index.ts'
import type {
  CloudNeeds,
  Forward,
  ImageArchive,
  KubeAccess,
  LocalUnderlay,
  NodeAbilities,
  StepReporter,
  Underlay,
  UnderlayStatus,
} from '../underlay.ts'
import { readAccess } from './access.ts'
import { forgetCloud } from './clouds.ts'
import type { EmbeddedOptions } from './context.ts'
import { apiForward, ensureForward, forwardNames, registryOutlet, removeForward } from './forward.ts'
import { kvmUsable } from './kvm.ts'
import { countNodes, type Layout, layoutOf, tunnelInterface } from './layout.ts'
import { endLead, ensureLead, isLead } from './lead.ts'
import { preflightNeeds } from './preflight-needs.ts'
import { readRecord } from './record.ts'
import { embeddedStatus } from './status.ts'

const hostsFile = '/etc/hosts'

export type EmbeddedUnderlay = Underlay & { readonly local: LocalUnderlay }

export function createEmbeddedUnderlay(options: EmbeddedOptions): EmbeddedUnderlay {
  const layout = async (): Promise<Layout> => await currentLayout(options)
  return {
    preflight: async ({ nodeNeeds }: CloudNeeds) => {
      const running = (await embeddedStatus(await layout())).state === 'running'
      if (running && nodeNeeds.length === 0) return []
      const { preflight } = await import('./preflight.ts')
      return [...(running ? [] : await preflight(options)), ...(await preflightNeeds(nodeNeeds))]
    },
    abilities: async (signal: AbortSignal): Promise<NodeAbilities> => ({
      virtType: (await kvmUsable(options.cacheDir, signal)) ? 'kvm' : 'qemu',
      datapath: existsSync('/sys/module/openvswitch') ? 'system' : 'netdev',
      tunnelInterface,
      ...lxcOf(await layout(), options),
    }),
    status: async (): Promise<UnderlayStatus> => await embeddedStatus(await layout()),
    access: async (): Promise<KubeAccess | undefined> => await readAccess(await layout()),
    up: async (report: StepReporter, signal: AbortSignal) =>
      await locked(options, async () => {
        const [{ requireMachine }, { bringUp }] = await Promise.all([import('./preflight.ts'), import('./up.ts')])
        await requireMachine(options, report, signal)
        return await bringUp({ options, layout: await layout(), report, signal })
      }),
    local: {
      importImages: async (images: readonly ImageArchive[], report: StepReporter, signal: AbortSignal) =>
        await (await import('./images.ts')).importMissing(await layout(), images, report, signal),
      forward: async (forwards: readonly Forward[]) => {
        const at = await layout()
        const wanted = new Set([apiForward, registryOutlet, ...forwards.map(({ name }) => name)])
        for (const name of await forwardNames(at)) if (!wanted.has(name) && !isLead(name)) await removeForward(at, name)
        for (const forward of forwards) await ensureForward(at, forward)
      },
      lead: async (name: string, target: string) => await ensureLead(await layout(), name, target),
      endLead: async (name: string) => await endLead(await layout(), name),
      hostNames: async (names: readonly string[]) => await setHostNames(hostsFile, options.name, names),
    },
    down: async (report: StepReporter) => {
      const at = await layout()
      const { removeStateDir, takeDown } = await import('./down.ts')
      await locked(options, async () => await takeDown({ layout: at, hostsFile, report }))
      await removeStateDir(at)
      await forgetCloud(options)
    },
  }
}

function lxcOf({ nodes }: Layout, { whyNoLxc }: EmbeddedOptions): Pick<NodeAbilities, 'lxc' | 'whyNoLxc'> {
  if (nodes.some(({ kind }) => kind === 'lxc')) return { lxc: true }
  return whyNoLxc === undefined ? {} : { whyNoLxc }
}

/** Nodes once made stay: a smaller number in the document does not take one away. */
async function currentLayout(options: EmbeddedOptions): Promise<Layout> {
  const { name, stateDir, nodes, lxcNodes = 0 } = options
  const layout = layoutOf(name, stateDir, options)
  const made = countNodes(name, (await readRecord(layout))?.members ?? [])
  if (made.nodes <= nodes && made.lxcNodes <= lxcNodes) return layout
  return layoutOf(name, stateDir, {
    nodes: Math.max(nodes, made.nodes),
    lxcNodes: Math.max(lxcNodes, made.lxcNodes),
  })
}

async function locked<T>(options: EmbeddedOptions, work: () => Promise<T>): Promise<T> {
  const lock = await acquireLock(layoutOf(options.name, options.stateDir, options).lock)
  try {
    return await work()
  } finally {
    await lock.release()
  }
}
