/** The text of a certificate request: PEM as strangers send it. Linear in its length, whatever it is. */
import { CsrError } from './csr-error.ts'

/** Letters. The biggest sensible request (RSA 8192, a hundred names) takes half of it. */
const longest = 32_768
const label = /^(?:NEW )?CERTIFICATE REQUEST$/
const edge = '-----'

/**
 * The bytes of the only PEM block of a text; text around it, as `openssl req -text` writes it, is passed over.
 * @throws CsrError when there is none, more than one, another kind, or it is no base64.
 */
export function requestBytes(text: string): Buffer {
  if (text.length > longest)
    throw new CsrError(
      `It is ${text.length} characters long; ${longest} are taken. Does it hold more than one request?`,
    )
  const begin = text.indexOf(`${edge}BEGIN `)
  if (begin < 0) throw new CsrError('It is no PEM: a line "-----BEGIN CERTIFICATE REQUEST-----" is missing.')
  const head = text.indexOf(edge, begin + edge.length)
  const name = text.slice(begin + `${edge}BEGIN `.length, head)
  if (head < 0 || !label.test(name))
    throw new CsrError(
      'Its PEM block is not a CERTIFICATE REQUEST. Send what "openssl req -new" writes, never a private key.',
    )
  const foot = text.indexOf(`${edge}END ${name}${edge}`, head)
  if (foot < 0) throw new CsrError(`Its line "-----END ${name}-----" is missing: it was cut off.`)
  if (text.split(edge).length !== 5) throw new CsrError('It holds more than one PEM block. Send one request at a time.')
  return base64(text.slice(head + edge.length, foot))
}

function base64(text: string): Buffer {
  const letters = text.replaceAll(/[ \t\r\n]/g, '')
  const bytes = Buffer.from(letters, 'base64')
  // Node skips what is no base64, so the way back tells.
  if (bytes.length === 0 || bytes.toString('base64') !== letters)
    throw new CsrError('Between its PEM lines is no base64.')
  return bytes
}
