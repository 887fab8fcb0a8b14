/**
 * Notifications on the message bus of the cloud. Best effort, as oslo.messaging's: a bus that is away delays them, more than so many
 * wait for it no longer than that, and nothing else ever waits.
 */
import type { ConnectionOptions, Publisher, PublisherProps } from 'rabbitmq-client'
import type { Notification } from './envelope.ts'

export interface BusSettings {
  /** `host:port`, in the order they are tried. */
  readonly hosts: readonly string[]
  readonly user: string
  /** A secret. */
  readonly password: string
  readonly vhost: string
  /** PEM of the CA that the brokers' certificates are checked by; absent: without TLS. */
  readonly ca?: string
  /** `control_exchange` of Magnum. @default 'magnum' */
  readonly exchange?: string
  /** As `rabbit_quorum_queue` of the consumers, who declare the same queues. @default true */
  readonly quorum?: boolean
  /** Notifications that wait for the bus; more are dropped. @default 1000 */
  readonly limit?: number
}

export interface Bus {
  /** Never throws and never waits. */
  publish(notification: Notification): void
  /** Ends when what waited was sent, or could not be. */
  close(): Promise<void>
}

/** What is needed of a client. */
export interface BusClient {
  publisher(props: PublisherProps): Pick<Publisher, 'send' | 'close'>
  close(): Promise<void>
}

/** Told of what was lost, and of a bus that is away. */
export type BusFailure = (error: unknown) => void

/** Resolves at once: the connection comes when it can. */
export async function connectBus(settings: BusSettings, onFailure: BusFailure): Promise<Bus> {
  // Loaded here: most clouds have no use for it.
  const { Connection } = await import('rabbitmq-client')
  const connection = new Connection(connectionOptions(settings))
  connection.on('error', onFailure)
  return createBus(
    { publisher: (props) => connection.createPublisher(props), close: async () => await connection.close() },
    settings,
    onFailure,
  )
}

export function createBus(client: BusClient, settings: BusSettings, onFailure: BusFailure): Bus {
  const { limit = 1000, exchange = 'magnum' } = settings
  const publisher = client.publisher({ ...topology(settings), confirm: true, maxAttempts: 3 })
  const open = new Set<Promise<void>>()
  return {
    publish: ({ routingKey, body }) => {
      if (open.size >= limit) {
        onFailure(new Error(`A notification was dropped: ${limit} wait for the message bus already`))
        return
      }
      // As kombu sends them, and kept on disk until somebody reads them.
      const envelope = {
        exchange,
        routingKey,
        durable: true,
        contentType: 'application/json',
        contentEncoding: 'utf-8',
      }
      const sent: Promise<void> = publisher
        .send(envelope, Buffer.from(body))
        .catch(onFailure)
        .then(() => {
          open.delete(sent)
        })
      open.add(sent)
    },
    close: async () => {
      await publisher.close()
      await client.close()
    },
  }
}

/** Exchange and queues as oslo.messaging's notifier declares them: what nobody reads yet is kept for whoever comes. */
export function topology({ exchange = 'magnum', quorum = true }: BusSettings): PublisherProps {
  const queues = ['notifications.info', 'notifications.error'].map((queue) => ({
    queue,
    durable: quorum,
    ...(quorum ? { arguments: { 'x-queue-type': 'quorum' as const } } : {}),
  }))
  return {
    exchanges: [{ exchange, type: 'topic', durable: quorum }],
    queues,
    queueBindings: queues.map(({ queue }) => ({ exchange, queue, routingKey: queue })),
  }
}

function connectionOptions({ hosts, user, password, vhost, ca }: BusSettings): ConnectionOptions {
  return {
    hosts: [...hosts],
    username: user,
    password,
    vhost,
    connectionName: 'croque container-infra notifications',
    ...(ca === undefined ? {} : { tls: { ca } }),
  }
}
