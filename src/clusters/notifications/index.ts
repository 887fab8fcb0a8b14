/** Notifications about clusters, for whoever meters and audits: CADF events in oslo.messaging's envelope, on a message bus. */
export { type Bus, type BusSettings, connectBus } from './bus.ts'
export { endingOf } from './endings.ts'
export { type Notification, type NotificationContext, type NotificationOptions, notificationOf } from './envelope.ts'
