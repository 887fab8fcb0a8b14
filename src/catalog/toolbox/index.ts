import { configDir, type ServiceDefinition, secretName } from '../model.ts'
import { internalUrl } from '../oslo.ts'
import { caFile, withTls } from '../tls.ts'
import { images } from './images.ts'

/** Waits for ever, and ends at once when told to. */
const idle = `import signal
signal.signal(signal.SIGTERM, lambda *_: exit(0))
signal.pause()
`

export const toolbox: ServiceDefinition = {
  name: 'toolbox',
  summary: 'the OpenStack clients, logged in as the administrator',
  optionLists: {},
  images,
  declares: () => ({}),
  build: (context) => ({
    components: [
      {
        name: 'client',
        kind: 'deployment',
        summary: 'the OpenStack clients',
        image: 'openstack',
        command: ['python3', `${configDir}/idle.py`],
        user: 'nova',
        placement: ['control'],
        replicas: 1,
        files: { [`${configDir}/idle.py`]: { text: idle } },
        env: {
          HOME: '/tmp',
          OS_AUTH_URL: internalUrl(context, 'keystone-api', 5000, '/v3'),
          ...withTls(context, { OS_CACERT: caFile }),
          OS_INTERFACE: 'internal',
          OS_IDENTITY_API_VERSION: '3',
          OS_USERNAME: 'admin',
          OS_PROJECT_NAME: 'admin',
          OS_USER_DOMAIN_NAME: 'Default',
          OS_PROJECT_DOMAIN_NAME: 'Default',
          OS_REGION_NAME: context.region,
          OS_PASSWORD: { secret: secretName('keystone'), key: 'admin-password' },
        },
        needs: [],
        resources: { cpu: '10m', memory: '32Mi' },
        probes: { ready: { exec: ['true'] }, live: false },
      },
    ],
  }),
}
