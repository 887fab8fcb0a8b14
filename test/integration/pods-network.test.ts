/**
 * Pods on a network that was given: nodes that know nothing of each other run what their orders say, in network namespaces of the test's
 * own, on a switch that floods what goes to a group as Neutron's do. A Pod is what the bridge plugin makes of one: a pair and an address.
 */
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { overlayOf, podsFiles } from '../../src/clusters/drivers/heat/pods.ts'

const directory = mkdtempSync(join(tmpdir(), 'croque-pods-'))
afterAll(() => rmSync(directory, { recursive: true }))

const mine = '1f0e2d3c-0000-4000-8000-000000000001'
const other = '2f0e2d3c-0000-4000-8000-000000000001'

/** Whether all that is sent arrives; who is asked may not listen yet. */
const ask = `
const net = require('node:net')
const [, , host] = process.argv
const end = Date.now() + 4000
const done = (answer) => { console.log(answer); process.exit() }
const attempt = () => {
  let bytes = 0
  const socket = net.connect({ host, port: 80 })
  socket.on('data', (data) => { bytes += data.length })
  socket.on('error', () => undefined)
  socket.on('close', () => (bytes === 200000 ? done('yes') : setTimeout(attempt, 100)))
}
setInterval(() => Date.now() > end && done('no'), 100)
attempt()
`

/** What a node's disk has. */
function layNode(number: number, clusterId: string): void {
  const node = { address: `10.0.0.${number}`, podRange: `10.100.${number}.0/24`, ranges: { pods: '10.100.0.0/16' } }
  for (const [path, text] of Object.entries(podsFiles({ ...node, overlay: overlayOf(clusterId) }))) {
    const file = join(directory, String(number), path)
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(file, text)
  }
  mkdirSync(join(directory, String(number), 'etc/cni/net.d'), { recursive: true })
}

const script = `
set -eu
ip link add switch type bridge mcast_snooping 0
ip link set switch up
for number in 1 2 3; do
  unshare --net --mount sh -c "mount -t tmpfs tmpfs /etc && cp -r $DIRECTORY/$number/etc/. /etc && exec sleep 120" &
  node=$!
  unshare --net sleep 120 &
  pod=$!
  until [ "$(readlink /proc/$node/ns/net)" != "$(readlink /proc/self/ns/net)" ] && nsenter -t $node -m test -e /etc/croque/pods-network; do sleep 0.1; done
  until [ "$(readlink /proc/$pod/ns/net)" != "$(readlink /proc/self/ns/net)" ]; do sleep 0.1; done
  ip link add "port$number" mtu 1442 master switch up type veth peer name eth0 mtu 1442 netns $node
  in_node="nsenter -t $node -n -m"
  $in_node ip address add "10.0.0.$number/24" dev eth0
  $in_node ip link set eth0 up
  $in_node sh /etc/croque/pods-network
  $in_node sh /etc/croque/pods-network
  echo "mtu-$number $($in_node sed -n 's/.*"mtu": *//p' /etc/cni/net.d/10-pods.conflist)"
  $in_node ip link add pod mtu 1392 master cni0 up type veth peer name eth0 mtu 1392 netns $pod
  nsenter -t $pod -n ip address add "10.100.$number.2/16" dev eth0
  nsenter -t $pod -n ip link set eth0 up
  nsenter -t $pod -n ip route add default via "10.100.$number.1"
  eval "node$number=$node pod$number=$pod"
done
serve() { nsenter -t "$1" -n "$NODE" -e "require('node:net').createServer((socket) => socket.end('x'.repeat(200000))).listen(80)" & }
for process in $node1 $pod1 $pod2 $pod3; do serve "$process"; done
reaches() { nsenter -t "$1" -n "$NODE" "$DIRECTORY/ask.cjs" "$2"; }
echo "pod-pod $(reaches $pod1 10.100.2.2)"
echo "node-pod $(reaches $node2 10.100.1.2)"
echo "pod-own-node $(reaches $pod1 10.100.1.1)"
echo "other-cluster $(reaches $pod1 10.100.3.2)"
`

test('Pods of nodes that do not know each other meet, in whole packets, and those of another cluster do not', () => {
  writeFileSync(join(directory, 'ask.cjs'), ask)
  layNode(1, mine)
  layNode(2, mine)
  layNode(3, other)
  const ran = spawnSync(
    'unshare',
    ['--net', '--mount', '--pid', '--fork', '--kill-child', '--mount-proc', 'sh', '-c', script],
    {
      encoding: 'utf8',
      env: { ...process.env, DIRECTORY: directory, NODE: process.execPath },
    },
  )
  expect(ran.status, ran.stderr).toBe(0)
  expect(
    Object.fromEntries(
      ran.stdout
        .trim()
        .split('\n')
        .map((line) => line.split(' ')),
    ),
  ).toEqual({
    'mtu-1': '1392,',
    'mtu-2': '1392,',
    'mtu-3': '1392,',
    'pod-pod': 'yes',
    'node-pod': 'yes',
    'pod-own-node': 'yes',
    'other-cluster': 'no',
  })
})
