/** How the client reaches an API server. PEM texts; nothing is read from files here. */
export interface KubeEndpoint {
  /** `https://HOST:PORT`. */
  readonly server: string
  /** Absent: the system's roots. */
  readonly ca?: string
  readonly clientCert?: string
  readonly clientKey?: string
  /** Name that the server's certificate is for, where it is not that of `server`. */
  readonly serverName?: string
  /** A bearer token that is good at this moment, asked for before every call; for those who have no certificate. */
  readonly token?: () => Promise<string>
}

export interface KubeOptions {
  /** Field manager of every write. @default 'croque' */
  readonly fieldManager?: string
  /**
   * How long one call is tried again while the API server is away, restarting or too busy, seconds.
   * 0 means one attempt. @default 60
   */
  readonly retrySeconds?: number
  /** Limit of one answer, seconds; streams (watches, logs) have none. @default 30 */
  readonly timeoutSeconds?: number
  /** Requests in flight at once; streams are not counted. @default 24 */
  readonly connections?: number
  /** Called before a call is tried again, with the reason, so that a view can say what is waited for. */
  readonly onRetry?: (reason: string) => void
}
