/** What the API says of itself: `/` and `/v1`. */
import { firstMinor, type Link, lastMinor, linksTo } from '../wire/index.ts'

export function rootDocument(baseUrl: string): unknown {
  return {
    name: 'OpenStack Magnum API',
    description: 'Magnum is an OpenStack project which aims to provide container cluster management.',
    versions: [
      {
        id: 'v1',
        links: [{ href: `${baseUrl}/v1/`, rel: 'self' }],
        status: 'CURRENT',
        max_version: `1.${lastMinor}`,
        min_version: `1.${firstMinor}`,
      },
    ],
  }
}

export function versionDocument(baseUrl: string): unknown {
  const collection = (name: string): readonly Link[] => linksTo(baseUrl, name, '')
  return {
    id: 'v1',
    media_types: [{ base: 'application/json', type: 'application/vnd.openstack.magnum.v1+json' }],
    links: [
      { href: `${baseUrl}/v1/`, rel: 'self' },
      {
        href: 'http://docs.openstack.org/developer/magnum/dev/api-spec-v1.html',
        rel: 'describedby',
        type: 'text/html',
      },
    ],
    clustertemplates: collection('clustertemplates'),
    clusters: collection('clusters'),
    quotas: collection('quotas'),
    certificates: collection('certificates'),
    mservices: collection('mservices'),
    stats: collection('stats'),
    federations: collection('federations'),
    nodegroups: linksTo(baseUrl, 'clusters/{cluster_id}', 'nodegroups'),
    credentials: collection('credentials'),
  }
}
