/** How large packets of project networks may be: what carries their tunnels, less what a tunnel adds. */

/** The interfaces of the embedded underlay's nodes. */
const embeddedMtu = 1500

/** Outer IPv4 header (20); outer UDP header, Geneve header with OVN's option, and inner Ethernet header (38 together). */
const geneveOverhead = 58

/** Neutron holds tunnels to the MTU of physical networks too, whatever carries them. */
export const largestProjectMtu = (providerMtu: number): number => Math.min(providerMtu, embeddedMtu) - geneveOverhead
