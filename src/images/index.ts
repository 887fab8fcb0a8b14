export { type EnsureImages, ensureImages, imageLayers, imageSet } from './build.ts'
export { type BuiltImage, type ImageState, imageStates } from './contents.ts'
export { type Binaries, binariesCache, binariesNames, ensureBinaries, programs } from './kubernetes/binaries.ts'
export { goCache } from './kubernetes/go-build.ts'
export { builderPackages } from './kubernetes/go-toolchain.ts'
export { ensureSystemImages, underlayImages } from './kubernetes/system-images.ts'
export { imageNames, type KubernetesVersion, kubernetesVersion, kubernetesVersions } from './kubernetes/versions.ts'
export type * from './model.ts'
export { buildNodeDisk, builtNodeDisk } from './node/node-disk.ts'
export {
  type BuildNodeImage,
  buildNodeImage,
  builtNodeImage,
  type NodeImage,
  type NodeImageFile,
  type NodeImageKind,
  nodeImageKinds,
} from './node/node-image.ts'
export { ensureRootfs, rootfsCache, rootfsName } from './node/rootfs.ts'
export { copyContainerdRoot, ensureStore } from './node/store.ts'
export { hostPackages } from './recipes.ts'
export type { GivenAuth } from './registry/credentials.ts'
export { pinnedReferences } from './registry/pins.ts'
export { referenceIn } from './registry/place.ts'
export { type PushTally, pushImages } from './registry/push.ts'
export { ensureTestImage, type TestImageFiles } from './test-image.ts'
export { unnamedImages } from './unnamed.ts'
