/** Container guests on this machine. */
import { lxcNeeds } from '../catalog/index.ts'
import { kvmUsable, preflightNeeds } from '../underlay/embedded/index.ts'
import type { Machine } from './command.ts'

type Asked = Pick<Machine, 'cacheDir' | 'signal'>

/**
 * By what the catalog asks of nodes for them, as preflight judges it of this machine; and there are none where virtual machines are as fast.
 * The contract is that of `Machine.whyNoLxc`.
 */
export async function whyNoLxc(
  { cacheDir, signal }: Asked,
  { needs = lxcNeeds, hasKvm = kvmUsable } = {},
): Promise<string | undefined> {
  if (await hasKvm(cacheDir, signal)) return 'this machine has KVM, and servers are virtual machines'
  const lacking = (await preflightNeeds(needs)).find(({ ok }) => !ok)
  return lacking && [lacking.message, lacking.next].filter((part) => part !== undefined).join('. ')
}
