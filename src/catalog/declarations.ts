/** What a service wants of others before it is built: databases, queues, users, routes, secrets, kinds of objects. A part of the catalog's words. */

export interface Database {
  readonly name: string
  readonly user: string
  /** Secret key that holds the user's password, in the declaring service's Secret. */
  readonly passwordKey: string
}

export interface QueueUser {
  readonly user: string
  readonly vhost: string
  readonly passwordKey: string
}

/** A user of the block storage and the pools that it works on; a pool is there as soon as somebody writes to it. */
export interface StorageUser {
  readonly user: string
  /** Secret with the user's keyring, and the key in it. */
  readonly secret: string
  readonly key: string
  readonly pools: Readonly<Record<string, 'read' | 'write'>>
  /** Guests open their volumes as this user: the UUID under which libvirt on every compute node has the key. */
  readonly libvirtSecret?: string
}

/** What a service wants to exist in Keystone. */
export interface Identity {
  readonly users?: readonly { readonly name: string; readonly passwordKey: string; readonly roles: readonly string[] }[]
  readonly roles?: readonly string[]
  /** Domains of the service's own, each with a user who is its administrator. */
  readonly domains?: readonly { readonly name: string; readonly admin: string; readonly passwordKey: string }[]
  readonly endpoints?: readonly {
    readonly service: string
    readonly type: string
    readonly internalUrl: string
    readonly publicPath: string
  }[]
}

/** A path prefix of the one public URL. */
export interface Route {
  readonly name: string
  /** `/compute`: stripped, and told to the service as `X-Forwarded-Prefix`. `websocket`: the console's upgrade requests at `/`. */
  readonly prefix: string
  readonly component: string
  readonly port: number
  readonly websocket?: boolean
  /** The prefix is not stripped: the program knows that it stands there. */
  readonly keepsPrefix?: boolean
}

export type SecretKey =
  | { readonly kind: 'password'; readonly length: number }
  | { readonly kind: 'fernet-key' }
  | { readonly kind: 'ssh-key' }
  /** A keyring of Ceph with the one key of `entity` (`client.cinder`). */
  | { readonly kind: 'ceph-keyring'; readonly entity: string }
  | { readonly kind: 'ca'; readonly commonName: string }
  | {
      readonly kind: 'certificate'
      readonly ca: string
      readonly commonName: string
      readonly dnsNames: readonly string[]
      readonly ipAddresses: readonly string[]
      /** Also shown by a client to a server. @default false */
      readonly client?: boolean
    }

/** Known before any service is built, so that providers (database, queue, identity, gateway) see everybody's wishes. */
export interface Declarations {
  readonly databases?: readonly Database[]
  readonly queues?: readonly QueueUser[]
  readonly storage?: readonly StorageUser[]
  readonly identity?: Identity
  readonly routes?: readonly Route[]
  /** Secrets that the user makes, and the keys that are read of them. */
  readonly given?: Readonly<Record<string, readonly string[]>>
  /** Secret name -> keys. The service's own Secret is `<service>-secrets`. */
  readonly secrets?: Readonly<Record<string, SecretDeclaration>>
  /** Kinds of objects in the API server that the service keeps its state in; they outlive the service, and go with the cloud. */
  readonly definitions?: readonly Definition[]
}

/** A CustomResourceDefinition: its name, `clusters.example.org`, and what the API server is told. */
export interface Definition {
  readonly name: string
  readonly spec: Readonly<Record<string, unknown>>
}

/** A Secret's keys; `once`: made only when the Secret does not exist at all, since somebody else (a rotation) changes its keys later. */
export interface SecretDeclaration {
  readonly once?: boolean
  readonly type?: string
  readonly keys: Readonly<Record<string, SecretKey>>
}
