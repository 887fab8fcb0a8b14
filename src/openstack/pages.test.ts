import { expect, test } from 'vitest'
import { CallError } from './failure.ts'
import { pagesOf } from './pages.ts'
import type { Session } from './session.ts'

interface Page {
  readonly status?: number
  readonly body: unknown
}

/** A service that answers by marker; and what it was asked. */
function serviceOf(pages: Readonly<Record<string, Page>>) {
  const asked: string[] = []
  const request: Session['request'] = async (_service, _method, path, { query = {}, okStatus = [200] } = {}) => {
    asked.push(`${path}?${new URLSearchParams(query).toString()}`)
    const { status = 200, body } = pages[query['marker'] ?? ''] ?? { status: 400, body: {} }
    if (okStatus.includes(status)) return { status, headers: {}, body }
    throw new CallError(path, { status, headers: {}, text: '' }, (text) => text)
  }
  return { asked, session: { request } }
}

const linked = (href: string) => [
  { rel: 'previous', href: 'http://inside/v2.0/ports?marker=0' },
  { rel: 'next', href },
]
const ports = (id: string, href?: string): Page => ({
  body: { ports: [{ id }], ...(href === undefined ? {} : { ports_links: linked(href) }) },
})

test('every page is asked for, with the words of the first, until there is no next one', async () => {
  const { asked, session } = serviceOf({
    '': ports('a', 'http://inside:9696/v2.0/ports?name=x&limit=1&marker=a'),
    a: ports('b', '/v2.0/ports?marker=b'),
    b: ports('c'),
  })
  const pages = await pagesOf(session, 'network', '/v2.0/ports', { key: 'ports', query: { name: 'x' } })
  expect(pages.map(({ body }) => (body as { readonly ports: readonly object[] }).ports)).toEqual([
    [{ id: 'a' }],
    [{ id: 'b' }],
    [{ id: 'c' }],
  ])
  expect(asked).toEqual(['/v2.0/ports?name=x', '/v2.0/ports?name=x&marker=a', '/v2.0/ports?name=x&marker=b'])
})

test('an empty page is the last one, whatever it names as the next', async () => {
  const href = 'http://octavia/v2.0/lbaas/loadbalancers?limit=None&marker=a'
  const { asked, session } = serviceOf({
    '': { body: { loadbalancers: [{ id: 'a' }], loadbalancers_links: linked(href) } },
    a: { body: { loadbalancers: [], loadbalancers_links: linked(href) } },
  })
  expect(await pagesOf(session, 'load-balancer', '/v2.0/lbaas/loadbalancers', { key: 'loadbalancers' })).toHaveLength(2)
  expect(asked.at(-1)).toBe('/v2.0/lbaas/loadbalancers?marker=a')
})

test('a list that may not be seen is one answer; one that breaks off is a failure', async () => {
  const ask = { key: 'ports', okStatus: [200, 404] }
  const hidden = serviceOf({ '': { status: 404, body: undefined } })
  expect(await pagesOf(hidden.session, 'network', '/v2.0/ports', ask)).toMatchObject([{ status: 404 }])
  // Neutron does not find the port that the page before ended with: it has gone meanwhile.
  const broken = serviceOf({ '': ports('a', '?marker=a'), a: { status: 404, body: {} } })
  await expect(pagesOf(broken.session, 'network', '/v2.0/ports', ask)).rejects.toMatchObject({ status: 404 })
})
