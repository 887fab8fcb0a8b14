/** Null and absent are one in requests: what is neither. */
export type Present<Given> = { readonly [Name in keyof Given]?: NonNullable<Given[Name]> }

export function present<Given extends object>(given: Given): Present<Given> {
  const there = Object.entries(given).filter(([, value]) => value !== null && value !== undefined)
  return Object.fromEntries(there) as Present<Given>
}
