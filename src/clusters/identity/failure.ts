/** How a request without a valid token is answered: as keystonemiddleware does, in front of Magnum and in another form than its own. */
import type { ApiReply } from '../api/route.ts'

export class AuthenticationError extends Error {
  /** What is to be sent, whole. */
  readonly reply: ApiReply

  private constructor(message: string, reply: ApiReply, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause })
    this.name = 'AuthenticationError'
    this.reply = reply
  }

  /** 401; says no more than that, whatever was wrong. `identityUrl` is where a token is to be had. */
  static refused(identityUrl: string): AuthenticationError {
    const message = 'The request you have made requires authentication.'
    return new AuthenticationError(message, {
      status: 401,
      headers: { 'www-authenticate': `Keystone uri="${identityUrl}"` },
      body: { error: { code: 401, title: 'Unauthorized', message } },
    })
  }

  /** 503: whether the token is valid could not be found out. */
  static unknown(cause?: unknown): AuthenticationError {
    const message = 'The Keystone service is temporarily unavailable.'
    const reply: ApiReply = {
      status: 503,
      headers: { 'retry-after': '5' },
      body: { error: { code: 503, title: 'Service Unavailable', message } },
    }
    return new AuthenticationError(message, reply, cause)
  }
}
