/** Why a certificate request is not signed: one or two sentences for whoever sent it, with what to do instead. Never an inner fault. */
export class CsrError extends Error {
  constructor(reason: string, options: { readonly cause?: unknown } = {}) {
    super(reason, options)
    this.name = 'CsrError'
  }
}
