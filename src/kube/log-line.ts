/** Lines of a log for people. Programs write them for machines: one JSON object a line, with the names of oslo.log's or RabbitMQ's. */

const textOf = (value: unknown): string | undefined => (typeof value === 'string' && value !== '' ? value : undefined)

/**
 * `ERROR nova.compute.manager [req-…] no valid host`: level, name, the id of the request, message, and of a traceback the last line.
 * A line that is not such an object comes back as it is.
 */
export function readableLine(line: string): string {
  const record = objectOf(line)
  const message = textOf(record?.['message'] ?? record?.['msg'])
  if (record === undefined || message === undefined) return line
  const level = textOf(record['levelname'] ?? record['level'])?.toUpperCase()
  const request = requestOf(record)
  const traced = textOf(record['traceback'])?.trimEnd().split('\n').at(-1)?.trim()
  const parts = [level, textOf(record['name']), request === undefined ? undefined : `[${request}]`, message]
  const told = parts.filter((part) => part !== undefined).join(' ')
  return traced === undefined || told.includes(traced) ? told : `${told}: ${traced}`
}

function objectOf(line: string): Readonly<Record<string, unknown>> | undefined {
  if (!line.startsWith('{')) return undefined
  try {
    return JSON.parse(line)
  } catch {
    return undefined
  }
}

function requestOf({ context, request_id: own }: Readonly<Record<string, unknown>>): string | undefined {
  const of = typeof context === 'object' && context !== null ? Reflect.get(context, 'request_id') : own
  return textOf(of)
}
