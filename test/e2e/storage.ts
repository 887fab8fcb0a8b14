/** The block storage under a running guest: a volume grows, and an OSD is killed while the guest writes. */
import { expect } from 'vitest'
import { floatingIp, type Installation } from './installation.ts'
import { patience } from './patience.ts'
import { askedGuest, gatewayPod } from './volumes.ts'

const second = 1000
const said = '/tmp/croque-writer'

/** Writes through the guest for half a minute, each time past all caches; then tells what was acknowledged last, and what is read. */
const writer = `import http.client, json, sys, time
def ask(path):
    connection = http.client.HTTPConnection(sys.argv[1], 80, timeout=240)
    connection.request('GET', path)
    return connection.getresponse().read().decode().strip()
last, slowest, end = 0, 0, time.monotonic() + 30
while time.monotonic() < end:
    begun = time.monotonic()
    answer = ask(f'/cgi-bin/disk?vdb/write/n{last + 1}')
    if answer != 'written':
        sys.exit(answer)
    last, slowest = last + 1, max(slowest, time.monotonic() - begun)
print(json.dumps({'last': f'n{last}', 'slowest': slowest, 'read': ask('/cgi-bin/disk?vdb/read')}))`

/** On the server `croque-verify`, with a volume of its own. Leaves nothing behind when it succeeds. Prints how long a write waited. */
export async function tryStorage(cloud: Installation): Promise<void> {
  const server = 'croque-verify'
  const name = 'grows'
  const address = floatingIp(cloud, server)
  const inGateway = (...command: readonly string[]): string => {
    const ran = cloud.kubectl(...gatewayPod, ...command)
    expect(ran.code, ran.stderr).toBe(0)
    return ran.stdout
  }
  const done = (...args: readonly string[]): void => {
    const ran = cloud.run('openstack', ...args)
    expect(ran.code, `openstack ${args.join(' ')}: ${ran.stdout}${ran.stderr}`).toBe(0)
  }
  const until = (status: string): Promise<void> =>
    expect
      .poll(() => (cloud.openstack('volume', 'show', name) as { readonly status: string }).status, patience)
      .toBe(status)
  const hasSize = (gibibytes: number): Promise<void> =>
    expect
      .poll(() => askedGuest(cloud, address, '/cgi-bin/status'), patience)
      .toContain(`disk vdb ${gibibytes * 2 ** 30}`)

  done('volume', 'create', '--size', '1', '--type', 'ceph', name)
  await until('available')
  done('server', 'add', 'volume', server, name)
  await hasSize(1)
  expect(askedGuest(cloud, address, '/cgi-bin/disk?vdb/write/before')).toBe('written')
  // The first version of the API that extends what is attached.
  done('--os-volume-api-version', '3.42', 'volume', 'set', '--size', '2', name)
  await hasSize(2)
  expect(askedGuest(cloud, address, '/cgi-bin/disk?vdb/read')).toBe('before')

  const before = restarts(cloud)
  inGateway('sh', '-c', `python3 -c "$0" "$1" > ${said} 2>&1 &`, writer, address)
  await new Promise((passed) => setTimeout(passed, 3 * second))
  killOsd(cloud)
  await expect.poll(() => inGateway('cat', said), patience).not.toBe('')
  const { last, read, slowest } = JSON.parse(inGateway('cat', said)) as Readonly<Record<string, string>>
  expect(read).toBe(last)
  expect(restarts(cloud)).toBe(before + 1)
  process.stdout.write(
    `the OSD was killed during ${last?.slice(1)} writes; the slowest took ${Number(slowest).toFixed(1)} s\n`,
  )

  inGateway('rm', said)
  done('server', 'remove', 'volume', server, name)
  await until('available')
  done('volume', 'delete', name)
}

const osd = ['-n', 'openstack', 'get', 'pod', 'ceph-osd-0', '-o'] as const

const restarts = (cloud: Installation): number =>
  Number(cloud.kubectl(...osd, 'jsonpath={.status.containerStatuses[0].restartCount}').stdout)

/** The process itself, as a crash or the kernel's want of memory would: from the libvirt Pod, which sees those of its node. */
function killOsd(cloud: Installation): void {
  const node = cloud.kubectl(...osd, 'jsonpath={.spec.nodeName}').stdout
  const [libvirt = ''] = cloud
    .kubectl(
      ...['-n', 'openstack', 'get', 'pod', '-l', 'croque.dev/component=nova.libvirt'],
      ...['--field-selector', `spec.nodeName=${node}`, '-o', 'name'],
    )
    .stdout.trim()
    .split('\n')
  const killed = cloud.kubectl(
    '-n',
    'openstack',
    'exec',
    libvirt,
    '-c',
    'libvirt',
    '--',
    'pkill',
    '-KILL',
    '-x',
    'ceph-osd',
  )
  expect(killed.code, killed.stderr).toBe(0)
}
