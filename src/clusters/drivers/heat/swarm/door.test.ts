/** The way into a swarm, on a pretended API of Docker; the real one is in `test/integration/swarm.test.ts`. */
import { expect, test } from 'vitest'
import { type Docker, DockerError } from './docker.ts'
import { insideOf } from './door.ts'

const group = { 'magnum.openstack.org/nodegroup': 'group-uuid' }
const node = (ID: string, state: string, more: object = {}) => ({
  ID,
  UpdatedAt: '2026-11-29T12:00:00.5Z',
  Version: { Index: 7 },
  Spec: { Role: 'worker', Availability: 'active', Labels: { kept: 'yes' } },
  Description: { Hostname: `demo-${ID}`, Engine: { Labels: group } },
  Status: { State: state },
  ...more,
})

/** What it says to a request, `METHOD path` each; others are not found. */
function pretended(answers: Readonly<Record<string, unknown>>): { readonly docker: Docker; readonly asked: unknown[] } {
  const asked: unknown[] = []
  const docker: Docker = async (method, path, body) => {
    const what = `${method} ${decodeURIComponent(path)}`
    asked.push(body === undefined ? what : [what, body])
    if (what in answers) return answers[what]
    throw new DockerError(what, 404, 'not found')
  }
  return { docker, asked }
}

test('nodes are seen by their host names, with the group that they were made for', async () => {
  const gone = node('b', 'down', { Status: { State: 'down', Message: 'heartbeat failure' } })
  const strange = node('c', 'ready', {
    Description: { Hostname: 'theirs', Engine: {} },
    Spec: { Availability: 'drain' },
  })
  const { docker } = pretended({ 'GET /nodes': [node('a', 'ready'), gone, strange] })
  const since = Date.parse('2026-11-29T12:00:00.5Z')
  expect(await insideOf(docker).nodes()).toEqual([
    { name: 'demo-a', uid: 'a', group: 'group-uuid', ready: 'True', cordoned: false },
    {
      name: 'demo-b',
      uid: 'b',
      group: 'group-uuid',
      ready: 'False',
      cordoned: false,
      since,
      reason: 'down heartbeat failure',
    },
    { name: 'theirs', uid: 'c', ready: 'True', cordoned: true },
  ])
})

const seen = { name: 'demo-a', uid: 'a', ready: 'True', cordoned: false } as const

test('a node is drained, and keeps what else is said of it', async () => {
  const { docker, asked } = pretended({
    'GET /nodes/a': node('a', 'ready'),
    'POST /nodes/a/update?version=7': undefined,
  })
  await insideOf(docker).cordon(seen)
  const drained = { Role: 'worker', Availability: 'drain', Labels: { kept: 'yes' } }
  expect(asked).toEqual(['GET /nodes/a', ['POST /nodes/a/update?version=7', drained]])
})

test('tasks that have not ended are waited for', async () => {
  const task = (ID: string, State: string, more: object = {}) => ({ ID, ServiceID: 'web', Status: { State }, ...more })
  const tasks = [
    task('1', 'running', { Slot: 3 }),
    task('2', 'shutdown'),
    task('3', 'preparing'),
    task('4', 'orphaned'),
  ]
  const { docker } = pretended({ 'GET /tasks?filters={"node":["a"]}': tasks })
  expect(await insideOf(docker).evict(seen)).toEqual(['task 3 of service web to end', 'task 3 of service web to end'])
})

test('a node is removed, by force since it may be said to be ready still; one that is gone is no error', async () => {
  const { docker, asked } = pretended({ 'DELETE /nodes/a?force=true': undefined })
  await insideOf(docker).remove(seen)
  await insideOf(docker).remove({ ...seen, uid: 'b' })
  expect(asked).toEqual(['DELETE /nodes/a?force=true', 'DELETE /nodes/b?force=true'])
  const refused: Docker = async () => await Promise.reject(new DockerError('DELETE', 400, 'is a manager'))
  await expect(insideOf(refused).remove(seen)).rejects.toThrow('is a manager')
})
