/** A client's half: a key of its own and the request for a certificate, as `openstack coe cluster config` makes them. */
import { webcrypto } from 'node:crypto'
import { type KeyAlgorithm, newKeys, privatePem, signingKey } from './keys.ts'
import { library } from './library.ts'
import { commonName, distinguishedName, organization } from './name.ts'

export interface ClientIdentity {
  readonly commonName: string
  /** Kubernetes' groups of the user. */
  readonly organizations: readonly string[]
  /** @default 'ecdsa-p256' */
  readonly keys?: KeyAlgorithm
}

export interface ClientRequest {
  /** PEM. */
  readonly csr: string
  /** PEM (PKCS #8). A secret, which stays where it was made. */
  readonly key: string
}

export async function createCsr(identity: ClientIdentity): Promise<ClientRequest> {
  const [x509, keys] = await Promise.all([library(), newKeys(identity.keys ?? 'ecdsa-p256')])
  const { key, algorithm } = signingKey(keys.privateKey)
  const csr = await x509.Pkcs10CertificateRequestGenerator.create(
    {
      name: distinguishedName(x509, [
        { type: commonName, value: identity.commonName },
        ...identity.organizations.map((value) => ({ type: organization, value })),
      ]),
      keys: { privateKey: key, publicKey: keys.publicKey.toCryptoKey(algorithm, true, ['verify']) },
      signingAlgorithm: algorithm,
    },
    webcrypto,
  )
  return { csr: `${csr.toString('pem')}\n`, key: privatePem(keys.privateKey) }
}
