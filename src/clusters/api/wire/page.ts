/** Pages of a list: limit, marker, sort_key, sort_dir, and the link to the next one. */
import { invalidValue } from './failure.ts'

export interface PageArguments {
  /** Between 1 and the largest that is allowed. */
  readonly limit: number
  readonly marker?: string
  readonly sortKey: string
  readonly sortDir: 'asc' | 'desc'
}

export type Sortable = string | number | boolean | null | undefined

/** Where to sort by what. `id`, the order in which `items` come, is always there. */
export type Columns<Item> = Readonly<Record<string, (item: Item) => Sortable>>

export interface PageOf<Item> {
  /** All the caller sees, oldest first. */
  readonly items: readonly Item[]
  readonly columns: Columns<Item>
  /** What a marker names: the UUID, or a quota's number. */
  readonly idOf: (item: Item) => string
  /** Thrown for a marker that is not among them. */
  readonly unknownMarker: (marker: string) => Error
  /** Of the collection below `/v1`, as it was asked for: `clusters` or `clusters/detail`. */
  readonly resource: string
  readonly baseUrl: string
}

export interface Page<Item> {
  readonly items: readonly Item[]
  /** Whenever the page is exactly as long as its limit, even when nothing follows. */
  readonly next?: string
}

/** @throws ApiError 400 for a bad sort key, what `unknownMarker` makes for an unknown marker */
export function pageOf<Item>(page: PageArguments, of: PageOf<Item>): Page<Item> {
  const sorted = sortedItems(page, of)
  const start = page.marker === undefined ? 0 : afterMarker(sorted, page.marker, of)
  const items = sorted.slice(start, start + page.limit)
  const last = items.at(-1)
  if (last === undefined || items.length !== page.limit) return { items }
  const { sortKey, sortDir, limit } = page
  const query = `sort_key=${encodeURIComponent(sortKey)}&sort_dir=${sortDir}&limit=${limit}&marker=${of.idOf(last)}`
  return { items, next: `${of.baseUrl}/v1/${of.resource}?${query}` }
}

function sortedItems<Item>({ sortKey, sortDir }: PageArguments, { items, columns }: PageOf<Item>): readonly Item[] {
  if (sortKey === 'id') return sortDir === 'asc' ? items : items.toReversed()
  const column = Object.hasOwn(columns, sortKey) ? columns[sortKey] : undefined
  if (column === undefined) throw invalidValue(`The sort_key value "${sortKey}" is an invalid field for sorting`)
  const keyed = items.map((item, at) => ({ item, at, key: column(item) }))
  const sign = sortDir === 'asc' ? 1 : -1
  // Equal keys follow the order of creation, in the same direction: oslo.db sorts by `id` after the key.
  keyed.sort((one, other) => sign * (compare(one.key, other.key) || one.at - other.at))
  return keyed.map(({ item }) => item)
}

/** Nothing comes first, as in MariaDB. */
function compare(one: Sortable, other: Sortable): number {
  const [left, right] = [one ?? null, other ?? null]
  if (left === right) return 0
  if (left === null) return -1
  if (right === null) return 1
  return left < right ? -1 : 1
}

function afterMarker<Item>(sorted: readonly Item[], marker: string, { idOf, unknownMarker }: PageOf<Item>): number {
  const at = sorted.findIndex((item) => idOf(item) === marker)
  if (at < 0) throw unknownMarker(marker)
  return at + 1
}
