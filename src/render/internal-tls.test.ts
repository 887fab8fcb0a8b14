/** The cloud's own traffic where the document asks for TLS. */
import { expect, test } from 'vitest'
import { stringify } from 'yaml'
import type { KubeObject } from '../kube/index.ts'
import { loadCloud } from '../spec/index.ts'
import { difference } from './fixture.ts'
import { knownServices, render, type Site, yamlDocument } from './index.ts'

const site: Site = { images: {}, virtType: 'qemu', datapath: 'netdev', tunnelInterface: 'tun0' }

function rendered(spec: unknown) {
  const text = stringify({ apiVersion: 'croque.dev/v1alpha1', kind: 'Cloud', spec })
  const loaded = loadCloud(text, { file: 'cloud.yaml', knownServices })
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.diagnostics))
  return render(loaded.cloud, site).rendering
}
const objectsOf = (spec: unknown): readonly KubeObject[] => rendered(spec).units.flatMap(({ objects }) => objects)
const nameOf = ({ kind, metadata }: KubeObject): string => `${kind}/${metadata.name.replace(/-[0-9a-f]{10}$/, '')}`

test('changes these lines of the default document', async () => {
  const text = difference(rendered({}).units, rendered({ internalTls: true }).units)
  await expect(text).toMatchFileSnapshot('./golden/internal-tls.diff')
})

/** What is plain, and may be: it stays on the node, or it is the kubelet's or a name for something else. */
const allowed = [/tcp:127\.0\.0\.1:6640|ptcp:6640:127\.0\.0\.1/]
const plain = [/http:\/\//, /\bp?tcp:/, /\b5672/, /http-socket/, /listeners\.tcp\.default/, /skip-ssl/, /scheme: HTTP$/]
/** Their ports for health are the kubelet's alone. */
const plainProbes = ['gateway-proxy', 'magnum-api'].map((name) => `Deployment/${name}: scheme: HTTP`)

test('leaves no plain address, port or scheme', () => {
  const found = objectsOf({ internalTls: true }).flatMap((object) =>
    yamlDocument(object)
      .split('\n')
      .filter((line) => plain.some((one) => one.test(line)) && !allowed.some((one) => one.test(line)))
      .map((line) => `${nameOf(object)}: ${line.trim()}`)
      .filter((line) => !plainProbes.includes(line)),
  )
  expect(found).toEqual([])
})

test('has every connection to the database, the queue and an API believe the CA', () => {
  const text = objectsOf({ internalTls: true }).map(yamlDocument).join('')
  const lines = text.split('\n')
  const urls = lines.filter((line) => line.includes('mysql+pymysql://'))
  expect(urls.length).toBeGreaterThan(10)
  expect(urls.filter((line) => !line.includes('ssl_ca=/etc/croque/tls/ca.crt'))).toEqual([])
  expect(lines.filter((line) => line.includes('rabbit://') && !line.includes(':5671/'))).toEqual([])
  // Sections of configuration files: whoever has an address of Keystone knows whom to believe.
  const sections = text.split(/^ *\[(?=[a-z_]+\]$)/m)
  const withUrl = sections.filter((section) => /auth_url = https/.test(section) && !section.startsWith('trustee]'))
  expect(withUrl.length).toBeGreaterThan(10)
  expect(withUrl.filter((section) => !/cafile = /.test(section)).map((section) => section.slice(0, 300))).toEqual([])
  const servers = lines.filter((line) => /^ +server service /.test(line))
  expect(servers.filter((line) => !line.includes('ssl verify required ca-file'))).toEqual([])
})

interface Projected {
  readonly secret: { readonly name: string }
}
interface Pod {
  readonly volumes: readonly { readonly projected?: { readonly sources: readonly Projected[] } }[]
}

test('gives every Pod only what it names, of Secrets that are there', () => {
  const { units } = rendered({ internalTls: true })
  const secrets = units.flatMap((unit) => unit.secrets)
  const mounted = units
    .flatMap(({ objects }) => objects)
    .flatMap((object) => {
      const spec = object['spec'] as { template?: { spec?: Pod } } | undefined
      const sources = spec?.template?.spec?.volumes.flatMap(({ projected }) => projected?.sources ?? []) ?? []
      return sources.flatMap(({ secret }) => (secret === undefined ? [] : [[nameOf(object), secret.name] as const]))
    })
  expect(mounted.filter(([, name]) => !secrets.some((secret) => secret.name === name))).toEqual([])
  const own = mounted.filter(([, name]) => name !== 'croque-internal-ca')
  expect(own.every(([owner, name]) => name === `${owner.split('/')[1]}-tls`)).toBe(true)
  expect(own.map(([owner]) => owner)).toContain('StatefulSet/mariadb-server')
  expect(own.map(([owner]) => owner)).not.toContain('DaemonSet/nova-compute')
  expect(mounted.filter(([owner]) => owner === 'DaemonSet/ovn-vswitchd')).toEqual([])
})

test.each(['DaemonSet/ovn-ovsdb', 'DaemonSet/ovn-vswitchd', 'DaemonSet/nova-libvirt'])(
  'leaves %s, under living guests, as it is',
  (name) => {
    const find = (spec: unknown) => objectsOf(spec).find((object) => nameOf(object) === name)
    expect(find({ internalTls: true })).toEqual(find({}))
    expect(find({})).toBeDefined()
  },
)

test('is not there by default', () => {
  const { units } = rendered({})
  expect(
    units.flatMap(({ secrets }) => secrets.map(({ name }) => name)).filter((name) => /internal|-server-tls/.test(name)),
  ).toEqual([])
})
