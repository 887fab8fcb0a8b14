/** The X.509 library. It loads slowly, so it is loaded only when something is issued or read; later calls cost nothing. */
import type * as X509 from '@peculiar/x509'

export type Library = typeof X509

export async function library(): Promise<Library> {
  await import('reflect-metadata')
  return await import('@peculiar/x509')
}
