/** oslo.messaging's notifications, format 2.0 (`messagingv2`), as ceilometer and its kin read them. */
import { randomUUID } from 'node:crypto'
import type { ClusterEvent } from '../rules/index.ts'

/** What a consumer may know of the request behind it. Never its token. */
export interface NotificationContext {
  readonly requestId?: string
  readonly userId?: string
  readonly projectId?: string
}

export interface NotificationOptions {
  /** `container-infra.<host>`, as Magnum. */
  readonly publisherId: string
  readonly now: Date
  /** @default the system's */
  readonly newId?: () => string
}

export interface Notification {
  /** `notifications.info` or `notifications.error`. */
  readonly routingKey: string
  /** JSON. */
  readonly body: string
}

export function notificationOf(
  event: ClusterEvent,
  { requestId = null, userId = null, projectId = null }: Nullable<NotificationContext>,
  { publisherId, now, newId = randomUUID }: NotificationOptions,
): Notification {
  const message = {
    message_id: newId(),
    publisher_id: publisherId,
    event_type: event.eventType,
    priority: event.priority,
    payload: event.payload,
    // Python's str() of a datetime in UTC.
    timestamp: now.toISOString().replace('T', ' ').replace('Z', '000'),
    _unique_id: newId().replaceAll('-', ''),
    _context_request_id: requestId,
    _context_user_id: userId,
    _context_project_id: projectId,
  }
  return {
    routingKey: `notifications.${event.priority.toLowerCase()}`,
    body: JSON.stringify({ 'oslo.version': '2.0', 'oslo.message': JSON.stringify(message) }),
  }
}

type Nullable<Value> = { readonly [Key in keyof Value]?: Value[Key] | null }
