/** Volumes as a user has them: made, attached to a running guest and written there, copied in every way, booted from, removed. */
import { expect } from 'vitest'
import { floatingIp, type Installation } from './installation.ts'
import { patience } from './patience.ts'

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

/** Block storage by its API: things of a kind (`volume`, `snapshot`, `backup`) are known by their names, which are given once. */
function blockStorage(cloud: Installation) {
  const api = cloud.api()
  const ids = new Map<string, string>()
  const idOf = (name: string): string => ids.get(name) ?? expect.unreachable(`nothing is named ${name}`)
  const shown = async (kind: string, name: string): Promise<string> => {
    const path = `/${kind}s/${idOf(name)}`
    const { status, body } = await api.request('block-storage', 'GET', path, { okStatus: [200, 404] })
    return status === 404 ? 'gone' : ((body as Record<string, Named>)[kind]?.status ?? 'unknown')
  }
  const until = (kind: string, name: string, status: string): Promise<void> =>
    expect.poll(() => shown(kind, name), patience).toBe(status)
  return {
    api,
    idOf,
    until,
    /** What somebody else has made. */
    found: (name: string, id: string): void => void ids.set(name, id),
    /** Made, and waited for. */
    made: async (kind: string, name: string, more: Readonly<Record<string, unknown>>): Promise<void> => {
      const options = { body: { [kind]: { name, ...more } } }
      const { body } = await api.request('block-storage', 'POST', `/${kind}s`, options)
      ids.set(name, (body as Record<string, Named>)[kind]?.id ?? '')
      await until(kind, name, 'available')
    },
    asked: async (path: string, body: unknown): Promise<void> => {
      await api.request('block-storage', 'POST', path, { body })
    },
    /** Removed all at once, and gone. */
    removed: async (kind: string, ...names: readonly string[]): Promise<void> => {
      for (const name of names) await api.request('block-storage', 'DELETE', `/${kind}s/${idOf(name)}`)
      for (const name of names) await until(kind, name, 'gone')
    },
  }
}

/**
 * Everything on volumes of a type, that of the default backend, that a cloud with Cinder promises, on the server `croque-verify`, which has a floating IP in
 * `172.24.4.0/24`. Leaves nothing behind when it succeeds. Prints how long a volume takes from its creation into the guest.
 * The client makes, shows, attaches, detaches and removes once; everything else goes to the APIs.
 */
export async function tryVolumes(cloud: Installation, type = 'ceph'): Promise<void> {
  const server = 'croque-verify'
  const address = floatingIp(cloud, server)
  const storage = blockStorage(cloud)
  const { api, idOf, made, until } = storage
  const [serverId = ''] = (await api.compute.servers.list(server)).map(({ id }) => id)
  const attachments = `/servers/${serverId}/os-volume_attachments`
  const done = (...args: readonly string[]): void => {
    const ran = cloud.run('openstack', ...args)
    expect(ran.code, `openstack ${args.join(' ')}: ${ran.stdout}${ran.stderr}`).toBe(0)
  }
  const inGuest = (): string => askedGuest(cloud, address, '/cgi-bin/status')
  const appeared = (size: number): Promise<void> =>
    expect.poll(inGuest, patience).toContain(`disk vdb ${size * 2 ** 30}`)
  const attached = async (name: string, size: number): Promise<void> => {
    await api.request('compute', 'POST', attachments, { body: { volumeAttachment: { volumeId: idOf(name) } } })
    await appeared(size)
    await until('volume', name, 'in-use')
  }
  const vanished = async (name: string): Promise<void> => {
    await until('volume', name, 'available')
    expect(inGuest()).not.toContain('disk vdb')
  }
  const detached = async (name: string): Promise<void> => {
    await api.request('compute', 'DELETE', `${attachments}/${idOf(name)}`)
    await vanished(name)
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
  const { id } = cloud.openstack('volume', 'create', '--size', '1', '--type', type, 'try') as Named
  storage.found('try', id)
  await until('volume', 'try', 'available')
  cloud.openstack('server', 'add', 'volume', server, 'try')
  await appeared(1)
  process.stdout.write(
    `a volume was in the guest ${((performance.now() - begun) / second).toFixed(1)} s after it was asked for\n`,
  )
  await until('volume', 'try', 'in-use')
  expect(cloud.openstack('volume', 'show', 'try')).toMatchObject({ status: 'in-use' })
  written('first')
  done('server', 'remove', 'volume', server, 'try')
  await vanished('try')

  // In this order: Cinder's backup of a volume on NFS that has a snapshot holds the file as it is, QCOW2 and all, and is of no use.
  await made('backup', 'try-backup', { volume_id: id })
  await made('snapshot', 'try-snapshot', { volume_id: id })
  await attached('try', 1)
  written('second')
  await detached('try')

  await storage.asked(`/volumes/${id}/action`, { 'os-extend': { new_size: 2 } })
  await until('volume', 'try', 'available')
  await holds('try', 2, 'second')
  await made('volume', 'try-of-snapshot', { size: 1, snapshot_id: idOf('try-snapshot') })
  await holds('try-of-snapshot', 1, 'first')
  await made('volume', 'try-clone', { size: 2, source_volid: id })
  await holds('try-clone', 2, 'second')
  await made('volume', 'try-restored', { size: 1 })
  await storage.asked(`/backups/${idOf('try-backup')}/restore`, { restore: { volume_id: idOf('try-restored') } })
  await until('backup', 'try-backup', 'available')
  await until('volume', 'try-restored', 'available')
  await holds('try-restored', 1, 'first')

  const [image] = await api.image.list({ name: 'tiny' })
  await made('volume', 'try-root', { size: 1, imageRef: image?.id })
  const flags = ['--volume', 'try-root', '--flavor', 'm1.nano', '--network', 'private', '--wait']
  const booting = cloud.openstack('server', 'create', ...flags, 'try-server') as Named
  expect(booting).toMatchObject({ status: 'ACTIVE' })
  const console = (): Promise<string> => api.compute.servers.console(booting.id, 200)
  await expect.poll(console, patience).toContain('GUEST-BOOTED')
  done('server', 'delete', '--wait', 'try-server')
  await until('volume', 'try-root', 'available')

  await storage.removed('backup', 'try-backup')
  await storage.removed('volume', 'try-of-snapshot', 'try-clone', 'try-restored', 'try-root')
  await storage.removed('snapshot', 'try-snapshot')
  done('volume', 'delete', 'try')
  await until('volume', 'try', 'gone')
  api.close()
}
