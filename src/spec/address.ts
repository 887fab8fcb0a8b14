/** IPv4 addresses and networks as numbers: just what the rules of the document need. */

export interface Network {
  readonly first: number
  readonly last: number
}

/** The address as an unsigned number; undefined when the text is not a dotted quad. */
export function parseAddress(text: string): number | undefined {
  const parts = text.split('.')
  if (parts.length !== 4) return undefined
  let value = 0
  for (const part of parts) {
    if (!/^(0|[1-9]\d{0,2})$/.test(part) || Number(part) > 255) return undefined
    value = value * 256 + Number(part)
  }
  return value
}

/** The network's first and last address; undefined when the text is not `a.b.c.d/n` or has host bits set. */
export function parseCidr(text: string): Network | undefined {
  const match = /^([\d.]+)\/(\d{1,2})$/.exec(text)
  const first = parseAddress(match?.[1] ?? '')
  const bits = Number(match?.[2])
  if (first === undefined || !(bits >= 1 && bits <= 32)) return undefined
  const size = 2 ** (32 - bits)
  if (first % size !== 0) return undefined
  return { first, last: first + size - 1 }
}

export function formatAddress(value: number): string {
  return [24, 16, 8, 0].map((shift) => Math.floor(value / 2 ** shift) % 256).join('.')
}

export const contains = (network: Network, address: number): boolean =>
  address >= network.first && address <= network.last

export const overlaps = (a: Network, b: Network): boolean => a.first <= b.last && b.first <= a.last
