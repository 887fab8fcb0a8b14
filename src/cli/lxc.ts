/** Container guests on this machine. */
import { lxcNeeds } from '../catalog/index.ts'
import { preflightNeeds } from '../underlay/embedded/index.ts'

/** By what the catalog asks of nodes for them, as preflight judges it of this machine. The contract is that of `Machine.whyNoLxc`. */
export async function whyNoLxc(needs = lxcNeeds): Promise<string | undefined> {
  const lacking = (await preflightNeeds(needs)).find(({ ok }) => !ok)
  return lacking && [lacking.message, lacking.next].filter((part) => part !== undefined).join('. ')
}
