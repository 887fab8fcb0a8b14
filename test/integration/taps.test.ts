/** A guest's tap that the switch has taken stays up, in a network namespace of the test's own. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { afterEach, expect, test } from 'vitest'

const script = 'src/catalog/ovn/taps.sh'
const tap = 'tap12345678-90'
let holder: ChildProcess | undefined

afterEach(() => void holder?.kill('SIGKILL'))

const inside = (...command: readonly string[]): string => {
  const ran = spawnSync('nsenter', [`--net=/proc/${holder?.pid}/ns/net`, ...command], { encoding: 'utf8' })
  expect(ran.status, `${command.join(' ')}: ${ran.stderr}`).toBe(0)
  return ran.stdout
}
const isUp = (name = tap): boolean =>
  /<([^>]*)>/
    .exec(inside('ip', '-o', 'link', 'show', name))?.[1]
    ?.split(',')
    .includes('UP') ?? false
const rises = (name = tap): Promise<void> => expect.poll(() => isUp(name), { timeout: 20_000, interval: 50 }).toBe(true)
const made = (name: string): void => {
  inside('ip', 'tuntap', 'add', name, 'mode', 'tap')
  inside('ip', 'link', 'set', name, 'promisc', 'on')
}

test('a tap whose UP was lost when the switch took it is raised, at the start and whenever it happens', async () => {
  holder = spawn('unshare', ['--net', '--fork', '--kill-child', 'sh', '-c', `sleep 0.5; exec sh ${script}`], {
    stdio: 'ignore',
  })
  // The namespace is a new one once its loopback is alone in it.
  await expect.poll(() => inside('ip', '-o', 'link').trim().split('\n').length, { timeout: 20_000 }).toBe(1)
  made(tap)
  await rises()
  inside('ip', 'link', 'set', tap, 'down')
  await rises()
  // One that the switch has not taken is left as it is, while another is raised.
  inside('ip', 'link', 'set', tap, 'promisc', 'off', 'down')
  made('tap00000000-00')
  await rises('tap00000000-00')
  expect(isUp()).toBe(false)
})
