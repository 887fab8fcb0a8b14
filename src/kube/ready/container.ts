/** What one container of a Pod is doing, as a sentence. */
import { failed, type Readiness, ready, secondsSince, waiting } from './readiness.ts'
import type { ContainerStatus } from './views.ts'

/** So many crashes in a row (about five minutes of growing pauses) that nobody else can be the reason. */
const hopelessRestarts = 6

const imageTroubles: Readonly<Record<string, string>> = {
  ErrImagePull: 'its image cannot be pulled',
  ImagePullBackOff: 'its image cannot be pulled',
  ErrImageNeverPull: 'its image is not on the node and may not be pulled',
  InvalidImageName: 'its image name is invalid',
  ImageInspectError: 'its image cannot be read',
}

/** Only pull policies and names are certain not to mend themselves. */
const hopelessImages = ['ErrImageNeverPull', 'InvalidImageName']

export function judgeContainer(container: ContainerStatus, now: number): Readiness {
  const { state, name } = container
  if (state?.waiting !== undefined) return judgeWaiting(container, now)
  if (state?.terminated !== undefined) {
    const { exitCode, reason } = state.terminated
    if (exitCode === 0) return ready(`container ${name} has ended`)
    return waiting(`container ${name} ${crashed(exitCode, reason)}`)
  }
  if (state?.running === undefined) return waiting(`container ${name} is not started yet`)
  if (container.ready === true) return ready(`container ${name} is ready`)
  const since = secondsSince(state.running.startedAt, now)
  if (container.started === false) return waiting(`container ${name} is starting: ${since} s`)
  return waiting(`container ${name} runs but is not ready: ${since} s`)
}

function judgeWaiting(container: ContainerStatus, now: number): Readiness {
  const { name, state, lastState } = container
  const { reason = '', message } = state?.waiting ?? {}
  const trouble = imageTroubles[reason]
  if (trouble !== undefined) {
    const text = `container ${name} cannot start: ${trouble}${message === undefined ? '' : ` (${firstLine(message)})`}`
    return hopelessImages.includes(reason) ? failed(text) : waiting(text)
  }
  if (reason === 'CrashLoopBackOff') {
    const last = lastState?.terminated
    const pause = backOff(message)
    const text = `container ${name} ${crashed(last?.exitCode, last?.reason)}${restartIn(pause, last?.finishedAt, now)}`
    return (container.restartCount ?? 0) >= hopelessRestarts
      ? failed(`${text}, after ${container.restartCount} restarts`)
      : waiting(text)
  }
  if (reason === '' || reason === 'ContainerCreating' || reason === 'PodInitializing')
    return waiting(`container ${name} is being created`)
  return waiting(`container ${name} cannot start: ${reason}${message === undefined ? '' : ` (${firstLine(message)})`}`)
}

function crashed(exitCode: number | undefined, reason: string | undefined): string {
  if (reason === 'OOMKilled') return 'was killed because it took more memory than its limit'
  return `crashed with exit code ${exitCode ?? 'unknown'}`
}

/** The kubelet tells its pause only in the message: `back-off 1m20s restarting failed container=…`. */
function backOff(message: string | undefined): number | undefined {
  const match = /back-off (?:(\d+)m)?(?:(\d+)s)? restarting/.exec(message ?? '')
  return match === null ? undefined : Number(match[1] ?? 0) * 60 + Number(match[2] ?? 0)
}

function restartIn(pause: number | undefined, finishedAt: string | undefined, now: number): string {
  if (pause === undefined) return ''
  const left = finishedAt === undefined ? pause : pause - secondsSince(finishedAt, now)
  return left > 0 ? `, restart in ${left} s` : ', restarts now'
}

/** The first line of a message, not too long for a reason. */
export function firstLine(text: string): string {
  const line = text.trim().split('\n')[0] ?? ''
  return line.length > 200 ? `${line.slice(0, 199)}…` : line
}
