/**
 * How nodes without a route to anywhere pull from a registry: its name leads to their default route, where a listener on the
 * registry's port leads out to it and to nothing else. TLS goes through from end to end; containerd is told of the CA.
 */
import { isIP } from 'node:net'
import type { NodeRegistry } from './context.ts'
import { ensureOutlet, registryOutlet, removeForward } from './forward.ts'
import { type Layout, switchAddress } from './layout.ts'
import { haveAddress } from './network.ts'
import { inNode } from './node.ts'

/** Makes all nodes, which are running, reach this registry and trust it. Idempotent. */
export async function ensureRegistry(layout: Layout, registry: NodeRegistry, signal: AbortSignal): Promise<void> {
  const [name = '', port = '443'] = registry.host.split(':')
  // What has no name to lead elsewhere becomes an address of the switch, which the nodes' default route leads to.
  const address = isIP(name) === 0 ? switchAddress : name
  await haveAddress(layout, address)
  await ensureOutlet(layout, registryOutlet, `${address}:${port}`, `${name}:${port}`)
  const { toml, ca } = trust(registry)
  const command = ['sh', '-euc', nodeScript, 'reach-registry', registry.host, `${address} ${name}`, toml]
  for (const node of layout.nodes) await inNode(layout, node, command, { input: ca, signal })
}

/** Closes the way out. What the nodes have pulled stays. */
export async function withoutRegistry(layout: Layout): Promise<void> {
  await removeForward(layout, registryOutlet)
}

/** containerd reads the directory of a registry at every pull; the file of names may be a mount, so it is changed in place. */
const nodeScript = `
dir=/etc/containerd/certs.d/$1
mkdir -p "$dir"
cat >"$dir/ca.crt"
printf '%s' "$3" >"$dir/hosts.toml"
names=$(grep -v ' # registry$' /etc/hosts)
printf '%s\\n%s # registry\\n' "$names" "$2" >/etc/hosts
`

/** Files for containerd: https://github.com/containerd/containerd/blob/main/docs/hosts.md */
function trust({ host, ca }: NodeRegistry): { readonly toml: string; readonly ca: string } {
  const server = `server = "https://${host}"\n`
  if (ca === undefined) return { toml: server, ca: '' }
  const lines = ['capabilities = ["pull", "resolve"]', 'ca = ["ca.crt"]'].map((line) => `  ${line}\n`)
  return { toml: `${server}\n[host."https://${host}"]\n${lines.join('')}`, ca }
}
