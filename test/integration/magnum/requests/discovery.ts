import { asEach, type Scenario } from '../step.ts'

const paths = [
  '//',
  '//v1',
  '//v1/',
  '//v1.json',
  '//healthcheck',
  '//v2',
  '//v1/nothing',
  '//v1/clusters/',
  '//clusters',
  '//v1/clusters.json',
  '//v1/nothing/at/all',
  '//v1/clusters/detail/',
  '//v1/%00',
  '//v1/clusters/a%2Fb',
  '//v1/clusters/%',
  '//v1/../v1',
]

export const discovery: Scenario = {
  name: 'discovery',
  steps: [
    ...paths.flatMap((path) => asEach({ ask: `GET ${path}`, version: null }, 'nobody', 'member')),
    ...asEach({ ask: 'GET /clusters', version: null }, 'nobody', 'liar', 'unscoped', 'system'),
    ...['HEAD', 'OPTIONS', 'PUT', 'POST', 'DELETE', 'PATCH', 'TRACE'].flatMap((method) =>
      [
        '//',
        '/',
        '/clusters',
        '/clusters/x',
        '/clustertemplates',
        '/clustertemplates/x',
        '/mservices',
        '/stats',
        '/quotas',
        '/certificates',
        '/clusters/x/nodegroups',
        '/clusters/x/actions/resize',
        '/clusters/x/nothing',
        '/federations',
        '/credentials',
      ].map((path) => ({ ask: `${method} ${path}` })),
    ),
  ],
}
