/** Volumes of a Pod and where its containers see them. */
import { configDir, type VolumeSpec } from '../catalog/index.ts'

const accountDir = '/var/run/secrets/croque'

/** A short-lived token for the Kubernetes API, only in the containers that mount it. */
export const accountVolume = {
  name: 'account',
  projected: {
    defaultMode: 0o444,
    sources: [
      { serviceAccountToken: { path: 'token', expirationSeconds: 3600 } },
      { configMap: { name: 'kube-root-ca.crt', items: [{ key: 'ca.crt', path: 'ca.crt' }] } },
      {
        downwardAPI: {
          items: [{ path: 'namespace', fieldRef: { apiVersion: 'v1', fieldPath: 'metadata.namespace' } }],
        },
      },
    ],
  },
}
export const accountMount = { name: 'account', mountPath: accountDir, readOnly: true }
export const configMount = { name: 'config', mountPath: configDir, readOnly: true }
export const configVolume = (configMap: string) => ({
  name: 'config',
  configMap: { name: configMap, defaultMode: 0o555 },
})

/** Claims are objects of their own, named after the component: they outlive every change of its workload. */
export function podVolume(volume: VolumeSpec, component: string): object {
  switch (volume.kind) {
    case 'claim':
      return { name: volume.name, persistentVolumeClaim: { claimName: `${component}-${volume.name}` } }
    case 'host':
      return { name: volume.name, hostPath: { path: volume.path, type: volume.type ?? 'DirectoryOrCreate' } }
    case 'empty':
      return { name: volume.name, emptyDir: volume.memory === true ? { medium: 'Memory' } : {} }
    case 'secret':
      return {
        name: volume.name,
        secret: {
          secretName: volume.secret,
          defaultMode: volume.mode ?? 0o440,
          ...(volume.keys === undefined ? {} : { items: volume.keys.map((key) => ({ key, path: key })) }),
        },
      }
  }
}

export function volumeMount(volume: VolumeSpec): object {
  const propagation =
    volume.kind === 'host' && volume.propagation !== undefined ? { mountPropagation: volume.propagation } : {}
  const readOnly = volume.kind === 'secret' ? { readOnly: true } : {}
  return {
    name: volume.name,
    mountPath: volume.mountPath ?? (volume.kind === 'host' ? volume.path : '/'),
    ...readOnly,
    ...propagation,
  }
}
