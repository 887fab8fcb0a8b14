/** What a cluster or a template names of the cloud, and what is there under these names. */

/** Each by its id or its name, but the key pair, which has a name only. Nothing is looked up for what is left out. */
export interface Sought {
  readonly imageId?: string
  readonly flavorId?: string
  readonly masterFlavorId?: string
  readonly externalNetworkId?: string
  readonly fixedNetwork?: string
  readonly fixedSubnet?: string
  readonly keypair?: string
}

/** In Magnum's order: of several faults, the first one's status is the answer's. */
export const soughtNames = [
  'imageId',
  'flavorId',
  'masterFlavorId',
  'externalNetworkId',
  'fixedNetwork',
  'fixedSubnet',
  'keypair',
] as const satisfies readonly (keyof Sought)[]

export interface FoundImage {
  readonly id: string
  readonly name: string
  readonly osDistro: string
  /** The property `magnum_driver`: the driver that the image is made for. */
  readonly driver?: string
  /** The property `kube_version`: the Kubernetes inside. */
  readonly kubeVersion?: string
  /** `docker_version`, where it has one. */
  readonly dockerVersion?: string
  /** The property `img_hv_type`: the only hypervisors that it is for. */
  readonly hypervisor?: string
}

/** Memory in MiB, disk in GiB. */
export interface FoundFlavor {
  readonly id: string
  readonly name: string
  readonly vcpus: number
  readonly ram: number
  readonly disk: number
}

export interface FoundNetwork {
  readonly id: string
  readonly name: string
}

export interface FoundSubnet extends FoundNetwork {
  readonly networkId: string
}

/** Has what was sought. */
export interface Found {
  readonly imageId?: FoundImage
  readonly flavorId?: FoundFlavor
  readonly masterFlavorId?: FoundFlavor
  readonly externalNetworkId?: FoundNetwork
  readonly fixedNetwork?: FoundNetwork
  readonly fixedSubnet?: FoundSubnet
  readonly keypair?: { readonly name: string; readonly publicKey: string }
}
