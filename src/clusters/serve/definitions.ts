/** The kinds that the state is kept in, for who serves without a cloud around: there the catalog makes them. */
import { setTimeout as sleep } from 'node:timers/promises'
import { judge, type Kube, type KubeObject, refOf } from '../../kube/index.ts'
import { clusterDefinitions } from '../store/definitions.ts'

/** Makes those that are missing, and waits until they are served; what is there stays as it is. Returns the names of what was made. */
export async function makeDefinitions(kube: Kube, signal: AbortSignal): Promise<readonly string[]> {
  const made = await Promise.all(
    clusterDefinitions().map(async (definition) => {
      const isThere = (await kube.get(refOf(definition), { signal })) !== undefined
      if (!isThere) await kube.apply(definition, { signal })
      await served(kube, definition, signal)
      return isThere ? [] : [definition.metadata.name]
    }),
  )
  return made.flat()
}

async function served(kube: Kube, definition: KubeObject, signal: AbortSignal): Promise<void> {
  const around = { now: 0, pods: () => [], waitNote: () => undefined, mountNote: () => undefined }
  for (;;) {
    const live = await kube.get(refOf(definition), { signal })
    const { state, reason } = live === undefined ? { state: 'waiting', reason: '' } : judge(live, around)
    if (state === 'ready') return
    if (state === 'failed') throw new Error(`${definition.metadata.name}: ${reason}`)
    await sleep(100, undefined, { signal })
  }
}
