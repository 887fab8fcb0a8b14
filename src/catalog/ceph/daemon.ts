/** What all daemons of Ceph share: image, files, the question on their sockets. */
import { type CatalogContext, configDir, type EnvValue, type VolumeSpec, type Work } from '../model.ts'
import { text } from '../text.ts'
import { cephConf } from './conf.ts'

export function base(context: CatalogContext, scripts: readonly string[]) {
  return {
    image: 'ceph',
    user: 'ceph',
    files: {
      '/etc/ceph/ceph.conf': { ini: cephConf(context) },
      ...Object.fromEntries(
        scripts.map((name) => [`${configDir}/${name}`, { text: text(import.meta.url, `./${name}`) }]),
      ),
    },
    env: {
      POD_NAME: { field: 'metadata.name' },
      POD_IP: { field: 'status.podIP' },
      NODE_NAME: { field: 'spec.nodeName' },
    } as Readonly<Record<string, EnvValue>>,
  } as const satisfies Partial<Work>
}

/** What a daemon says of itself on its socket. */
const asked = (...words: readonly string[]) => ({ exec: ['python3', '-IS', `${configDir}/asked.py`, ...words] })

/** Ready when it takes part; but one that waits for the others is alive as long as it answers. */
export const answers = (daemon: string, command: string, field: string, ...good: readonly string[]) => ({
  ready: asked(daemon, command, field, ...good),
  live: asked(daemon, command, field),
})

export const run: VolumeSpec = { kind: 'empty', name: 'run', mountPath: '/run/ceph', memory: true }
