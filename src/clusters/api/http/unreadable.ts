/** What was no HTTP, or came too slowly: answered before there is a request. */
import { STATUS_CODES } from 'node:http'
import type { Duplex } from 'node:stream'
import { ApiError } from '../route.ts'
import { errorBody } from '../wire/index.ts'

const statuses: Readonly<Record<string, number>> = { ERR_HTTP_REQUEST_TIMEOUT: 408, HPE_HEADER_OVERFLOW: 431 }

export function answerUnreadable(error: Error & { readonly code?: string }, socket: Duplex): void {
  if (error.code !== 'ECONNRESET' && socket.writable) {
    const status = statuses[error.code ?? ''] ?? 400
    const reason = STATUS_CODES[status] ?? ''
    const body = JSON.stringify(errorBody(new ApiError(status, reason)))
    const head = `HTTP/1.1 ${status} ${reason}\r\nConnection: close\r\nContent-Type: application/json\r\nContent-Length: ${body.length}`
    socket.write(`${head}\r\n\r\n${body}`)
  }
  socket.destroy(error)
}
