import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { describe, expect, test } from 'vitest'
import { binariesDigest, binariesNames } from './binaries.ts'
import { modFile } from './go-build.ts'
import { kubeadmClusterImages } from './system-images.ts'
import { coreDnsVersion, etcdVersion, kubernetesVersions } from './versions.ts'

const repoDir = resolve(import.meta.dirname, '../../..')
const mod = (version: (typeof kubernetesVersions)[number]): string =>
  readFileSync(join(repoDir, 'images/kubernetes', modFile(version)), 'utf8')

describe.each(kubernetesVersions)('%s', (version) => {
  test('has its modules pinned, those of Kubernetes all alike', () => {
    const text = mod(version)
    expect(text).toContain(`k8s.io/kubernetes ${version}\n`)
    expect(text).toContain(`go.etcd.io/etcd/server/v3 ${etcdVersion}\n`)
    expect(text).toContain(`github.com/coredns/coredns ${coreDnsVersion}\n`)
    const staged = [...text.matchAll(/=> k8s\.io\/\S+ (\S+)/g)].map(([, pinned]) => pinned)
    expect(new Set(staged)).toEqual(new Set([version.replace('v1.', 'v0.')]))
  })

  test('has every image that its kubeadm asks for, by its name', () => {
    const references = kubeadmClusterImages(version).flatMap((image) => image.references)
    expect(references.map((reference) => reference.replace(/:.*/, '')).toSorted()).toEqual([
      // What nodes of two versions have in common is a name.
      'croque.local/coredns',
      'croque.local/kube-proxy',
      'registry.k8s.io/coredns/coredns',
      'registry.k8s.io/etcd',
      'registry.k8s.io/kube-apiserver',
      'registry.k8s.io/kube-controller-manager',
      'registry.k8s.io/kube-proxy',
      'registry.k8s.io/kube-scheduler',
      'registry.k8s.io/pause',
    ])
    expect(references).toContain(`registry.k8s.io/kube-apiserver:${version}`)
  })
})

test('versions come newest first, and no two are made of the same', async () => {
  const names = await binariesNames(repoDir)
  expect(new Set(names).size).toBe(kubernetesVersions.length)
  expect(names[0]).toBe((await binariesDigest(repoDir, kubernetesVersions[0])).slice(0, 16))
  const number = (version: string): number => Number(version.split('.')[1])
  expect(kubernetesVersions.toSorted((a, b) => number(b) - number(a))).toEqual(kubernetesVersions)
})
