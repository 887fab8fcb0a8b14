import { throughGateway } from '../content.ts'
import { type BuildContext, component, type ServiceDefinition, type ServiceParts, secretName } from '../model.ts'
import { internalUrl, interpreterEnv, uwsgiApi } from '../oslo.ts'
import { text } from '../text.ts'
import { caFile, withTls } from '../tls.ts'
import { images } from './images.ts'

const port = 8080
const prefix = '/dashboard'

function build(context: BuildContext): ServiceParts {
  const settings = { text: text(import.meta.url, './local_settings.py') }
  return {
    components: [
      {
        name: 'web',
        kind: 'deployment',
        summary: `the dashboard at ${context.publicUrl}${prefix}/`,
        image: 'openstack',
        user: 'horizon',
        placement: ['control'],
        replicas: context.replicas('horizon', 'web'),
        ...uwsgiApi(
          context,
          { '/etc/openstack-dashboard/local_settings.py': settings },
          {
            module: 'openstack_dashboard.wsgi',
            port,
            workers: context.workers,
            threads: 2,
            more: [
              `mount = ${prefix}=openstack_dashboard.wsgi:application`,
              'manage-script-name = true',
              // A second one would be made for the mount, which PyO3 (cryptography) refuses.
              'single-interpreter = true',
              'static-map = /static=/var/lib/horizon/static',
            ],
          },
        ),
        env: {
          ...interpreterEnv,
          DJANGO_SETTINGS_MODULE: 'openstack_dashboard.settings',
          PUBLIC_HOST: context.publicHost,
          PUBLIC_URL: context.publicUrl,
          KEYSTONE_URL: internalUrl(context, 'keystone-api', 5000, '/v3'),
          POD_IP: { field: 'status.podIP' },
          ...withTls(context, { CA_FILE: caFile }),
          SECRET_KEY: { secret: secretName('horizon'), key: 'secret-key' },
        },
        needs: [component('memcached/server'), component('keystone/api')],
        resources: { cpu: '20m', memory: '160Mi' },
        probes: { ready: { http: `${prefix}/auth/login/`, port }, periodSeconds: 10 },
      },
    ],
    verify: [
      {
        name: 'dashboard',
        title: 'Horizon asks for a login',
        needs: [...throughGateway, 'horizon/web'],
        run: async ({ cloud }) => {
          const url = `${context.publicUrl}${prefix}/auth/login/`
          await cloud.page(url)
          return { action: 'unchanged', message: `${url} answers` }
        },
      },
    ],
  }
}

export const horizon: ServiceDefinition = {
  name: 'horizon',
  summary: 'Horizon, the dashboard',
  optionLists: {},
  images,
  declares: () => ({
    routes: [{ name: 'horizon', prefix, component: 'horizon/web', port, keepsPrefix: true }],
    secrets: { [secretName('horizon')]: { keys: { 'secret-key': { kind: 'password', length: 64 } } } },
  }),
  build,
}
