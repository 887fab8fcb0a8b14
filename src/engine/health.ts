/** How what several Pods make together is: asked in one of them, by a command that the catalog declares. */
import { isPodReady, type Kube, type KubeObject } from '../kube/index.ts'
import type { HealthQuestion, Rendering } from '../render/index.ts'

export interface Health {
  /** `unknown`: nobody could be asked. */
  readonly state: 'ok' | 'warning' | 'error' | 'unknown'
  /** A few words. */
  readonly summary: string
  /** What is not well, one sentence each. */
  readonly details: readonly string[]
}

/** A person waits for the answer. */
const answerSeconds = 15

/** By unit id. Never throws but for the signal: what cannot be asked is `unknown`. */
export async function askHealth(
  rendering: Rendering,
  kube: Pick<Kube, 'exec'>,
  pods: (labels: Readonly<Record<string, string>>) => readonly KubeObject[],
  signal?: AbortSignal,
): Promise<ReadonlyMap<string, Health>> {
  const asked = rendering.units.flatMap(({ id, health }) => (health === undefined ? [] : [{ id, health }]))
  const answers = await Promise.all(
    asked.map(async ({ id, health }) => {
      const pod = pods(health.podLabels).find(isPodReady)
      return [id, pod === undefined ? unknown('no Pod is ready') : await ask(health, pod, kube, signal)] as const
    }),
  )
  return new Map(answers)
}

async function ask(
  { command, container }: HealthQuestion,
  { metadata: { name, namespace = '' } }: KubeObject,
  kube: Pick<Kube, 'exec'>,
  stop?: AbortSignal,
): Promise<Health> {
  const limit = AbortSignal.timeout(answerSeconds * 1000)
  const signal = stop === undefined ? limit : AbortSignal.any([stop, limit])
  try {
    const { code, stdout, stderr } = await kube.exec({ namespace, name }, { command, container }, { signal })
    return code === 0 ? parse(stdout) : unknown(stderr.trim().split('\n').at(-1) ?? `exit code ${code}`)
  } catch (error) {
    stop?.throwIfAborted()
    return unknown(limit.aborted ? `no answer within ${answerSeconds} s` : String(error))
  }
}

function parse(text: string): Health {
  const said = JSON.parse(text) as Partial<Health>
  const state = (['ok', 'warning', 'error'] as const).find((each) => each === said.state)
  if (state === undefined) return unknown('the answer is not understood')
  return { state, summary: String(said.summary ?? state), details: (said.details ?? []).map(String) }
}

const unknown = (why: string): Health => ({ state: 'unknown', summary: `its health is not known: ${why}`, details: [] })
