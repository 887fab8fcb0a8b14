/**
 * How the cloud's own traffic is encrypted where the document says so (`spec.internalTls`). A container that names one of these files, in
 * its command, environment or configuration, has it: the CA's certificate, and a certificate of the component's own for the names of its
 * Service (`src/render/tls.ts`). They change in place when they are renewed; a program that does not look again by itself is told by
 * {@link onRenewal}.
 */
import { type CatalogContext, configDir } from './model.ts'
import { text } from './text.ts'

export const tlsDir = '/etc/croque/tls'
/** Whom to trust. */
export const caFile = `${tlsDir}/ca.crt`
export const certFile = `${tlsDir}/tls.crt`
export const keyFile = `${tlsDir}/tls.key`

/** What is there with TLS only: `{ ...withTls(context, { cafile: caFile }) }`. */
export const withTls = <T extends object>({ internalTls }: CatalogContext, what: T): T | Record<string, never> =>
  internalTls ? what : {}

/** Connection methods and options of everything that speaks OVSDB over the network; both ends show a certificate. */
export const ovsdbEnv = ({ internalTls }: CatalogContext) => ({
  OVSDB_METHOD: internalTls ? 'ssl' : 'tcp',
  OVSDB_TLS: internalTls ? `--private-key=${keyFile} --certificate=${certFile} --ca-cert=${caFile}` : '',
})

/** A script, `sh on-renewal.sh FILE COMMAND`, that a start script leaves behind in the background. */
export const onRenewal = { [`${configDir}/on-renewal.sh`]: { text: text(import.meta.url, './on-renewal.sh') } }
