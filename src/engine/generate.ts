/** Makes the values of generated Secrets. */
import * as pki from '../pki/index.ts'
import type { Generate } from './secrets.ts'

const caDays = 3650
const certificateDays = 1825

export const generateValues: Generate = async (generator, ca) => {
  switch (generator.kind) {
    case 'password':
      return [pki.generatePassword(generator.length)]
    case 'fernet-key':
      return [pki.generateFernetKey()]
    case 'ceph-keyring':
      return [`[${generator.entity}]\n\tkey = ${pki.generateCephKey(new Date())}\n`]
    case 'ca': {
      const pair = await pki.createCa({ commonName: generator.commonName, days: caDays, now: new Date() })
      return [pair.cert, pair.key]
    }
    case 'certificate': {
      if (ca === undefined) throw new TypeError('a certificate needs its CA')
      const { commonName, dnsNames, ipAddresses, client = false } = generator
      const pair = await pki.issueServer({
        ca,
        commonName,
        dnsNames,
        ipAddresses,
        client,
        days: certificateDays,
        now: new Date(),
      })
      return [pair.cert, pair.key]
    }
    case 'ssh-key': {
      const pair = pki.sshKeyPair('croque')
      return [pair.privateKey, pair.publicKey]
    }
  }
}
