/** Volumes as a user has them: made, attached to a running guest and written there, copied in every way, booted from, removed. */
import { expect } from 'vitest'
import { floatingIp, type Installation } from './installation.ts'

interface Named {
  readonly id: string
  readonly status: string
}

const second = 1000

/** The Pod that stands in the provider network, for `kubectl`. */
export const gatewayPod = ['-n', 'openstack', 'exec', 'daemonset/ovn-gateway', '-c', 'gateway', '--'] as const

/** What the web server of a test guest answers, asked from a network node; tried again while a guest boots. */
export function askedGuest(cloud: Installation, address: string, path: string): string {
  const script = `import http.client, sys, time
end = time.monotonic() + 90
while True:
    try:
        connection = http.client.HTTPConnection(sys.argv[1], 80, timeout=10)
        connection.request('GET', sys.argv[2])
        print(connection.getresponse().read().decode())
        break
    except OSError:
        if time.monotonic() > end:
            raise
        time.sleep(1)`
  return cloud.kubectl(...gatewayPod, 'python3', '-c', script, address, path).stdout.trim()
}

/**
 * Everything on volumes of a type, that of the default backend, that a cloud with Cinder promises, on the server `croque-verify`, which has a floating IP in
 * `172.24.4.0/24`. Leaves nothing behind when it succeeds. Prints how long a volume takes from its creation into the guest.
 */
export async function tryVolumes(cloud: Installation, type = 'ceph'): Promise<void> {
  const server = 'croque-verify'
  const address = floatingIp(cloud, server)
  const volume = (name: string): Named => cloud.openstack('volume', 'show', name) as Named
  const until = (show: () => Named, status: string): Promise<void> =>
    expect.poll(() => show().status, { timeout: 180 * second, interval: second }).toBe(status)
  const done = (...args: readonly string[]): void => {
    const ran = cloud.run('openstack', ...args)
    expect(ran.code, `openstack ${args.join(' ')}: ${ran.stdout}${ran.stderr}`).toBe(0)
  }
  const made = async (name: string, ...flags: readonly string[]): Promise<void> => {
    cloud.openstack('volume', 'create', ...flags, name)
    await until(() => volume(name), 'available')
  }
  const attached = async (name: string, size: number): Promise<void> => {
    cloud.openstack('server', 'add', 'volume', server, name)
    const seen = (): string => askedGuest(cloud, address, '/cgi-bin/status')
    await expect.poll(seen, { timeout: 60 * second, interval: second }).toContain(`disk vdb ${size * 2 ** 30}`)
  }
  const detached = async (name: string): Promise<void> => {
    done('server', 'remove', 'volume', server, name)
    await until(() => volume(name), 'available')
    expect(askedGuest(cloud, address, '/cgi-bin/status')).not.toContain('disk vdb')
  }
  const written = (text: string): void =>
    expect(askedGuest(cloud, address, `/cgi-bin/disk?vdb/write/${text}`)).toBe('written')
  const read = (): string => askedGuest(cloud, address, '/cgi-bin/disk?vdb/read')
  /** A copy holds what the volume held when it was made. */
  const holds = async (name: string, size: number, text: string): Promise<void> => {
    await attached(name, size)
    expect(read()).toBe(text)
    await detached(name)
  }

  const begun = performance.now()
  await made('try', '--size', '1', '--type', type)
  await attached('try', 1)
  process.stdout.write(
    `a volume was in the guest ${((performance.now() - begun) / second).toFixed(1)} s after it was asked for\n`,
  )
  written('first')
  await detached('try')

  cloud.openstack('volume', 'snapshot', 'create', '--volume', 'try', 'try-snapshot')
  await until(() => cloud.openstack('volume', 'snapshot', 'show', 'try-snapshot') as Named, 'available')
  cloud.openstack('volume', 'backup', 'create', '--name', 'try-backup', 'try')
  await until(() => cloud.openstack('volume', 'backup', 'show', 'try-backup') as Named, 'available')
  await attached('try', 1)
  written('second')
  await detached('try')

  done('volume', 'set', '--size', '2', 'try')
  await until(() => volume('try'), 'available')
  await holds('try', 2, 'second')
  await made('try-of-snapshot', '--snapshot', 'try-snapshot')
  await holds('try-of-snapshot', 1, 'first')
  await made('try-clone', '--source', 'try')
  await holds('try-clone', 2, 'second')
  await made('try-restored', '--size', '1')
  cloud.openstack('volume', 'backup', 'restore', '--force', 'try-backup', 'try-restored')
  await until(() => volume('try-restored'), 'available')
  await holds('try-restored', 1, 'first')

  await made('try-root', '--size', '1', '--image', 'tiny')
  const flags = ['--volume', 'try-root', '--flavor', 'm1.nano', '--network', 'private', '--wait']
  expect(cloud.openstack('server', 'create', ...flags, 'try-server')).toMatchObject({ status: 'ACTIVE' })
  const booted = (): string => cloud.run('openstack', 'console', 'log', 'show', 'try-server').stdout
  await expect.poll(booted, { timeout: 120 * second, interval: 2 * second }).toContain('GUEST-BOOTED')
  done('server', 'delete', '--wait', 'try-server')

  done('volume', 'backup', 'delete', 'try-backup')
  done('volume', 'delete', 'try-of-snapshot', 'try-clone', 'try-restored', 'try-root')
  const names = (): readonly string[] =>
    (cloud.openstack('volume', 'list') as readonly { readonly Name: string }[])
      .map(({ Name }) => Name)
      .filter((name) => name.startsWith('try'))
  await expect.poll(names, { timeout: 120 * second, interval: second }).toEqual(['try'])
  done('volume', 'snapshot', 'delete', 'try-snapshot')
  const snapshots = (): unknown => cloud.openstack('volume', 'snapshot', 'list')
  await expect.poll(snapshots, { timeout: 60 * second, interval: second }).toEqual([])
  done('volume', 'delete', 'try')
  await expect.poll(names, { timeout: 120 * second, interval: second }).toEqual([])
}
