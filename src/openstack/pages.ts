/** Lists that services hand out page by page, as long as they please: how long a page is, is for each cloud to say. */
import type { Answer, RequestOptions, Session } from './session.ts'

interface Listing extends Pick<RequestOptions, 'headers' | 'query' | 'okStatus'> {
  /** What the list is called in answers; the next page stands in `<key>_links`. */
  readonly key: string
}

/**
 * All pages of a list of Nova, Neutron, Cinder or Octavia, in order. `okStatus` is of the first one: who has handed out one page and not the
 * next has not answered, and that is thrown.
 */
export async function pagesOf(
  session: Pick<Session, 'request'>,
  service: string,
  path: string,
  { key, ...request }: Listing,
): Promise<readonly Answer[]> {
  const first = await session.request(service, 'GET', path, request)
  const pages = [first]
  const { okStatus: _ofFirst, ...further } = request
  for (let marker = nextOf(first, key); marker !== undefined; ) {
    const page = await session.request(service, 'GET', path, { ...further, query: { ...request.query, marker } })
    pages.push(page)
    marker = nextOf(page, key)
  }
  return pages
}

/** Of the address of the next page only this counts: the host may be one behind a proxy, and Octavia writes `limit=None` where it has none. */
function nextOf({ body }: Answer, key: string): string | undefined {
  const { [key]: items, [`${key}_links`]: links } = (body ?? {}) as Readonly<
    Record<string, readonly Link[] | undefined>
  >
  if (items === undefined || items.length === 0) return undefined
  const next = links?.find(({ rel }) => rel === 'next')?.href
  return next === undefined ? undefined : (new URL(next, 'http://any').searchParams.get('marker') ?? undefined)
}

interface Link {
  readonly rel?: string
  readonly href?: string
}
