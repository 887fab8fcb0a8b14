import { expect, it } from 'vitest'
import { serviceMessage } from './failure.ts'

it.each([
  ['Nova', '{"badRequest": {"code": 400, "message": "Invalid imageRef"}}', 'Invalid imageRef'],
  ['Neutron', '{"NeutronError": {"type": "X", "message": "in use", "detail": ""}}', 'in use'],
  ['Keystone', '{"error": {"code": 404, "message": "no user", "title": "Not Found"}}', 'no user'],
  ['Placement', '{"errors": [{"status": 404, "title": "Not Found", "detail": "no provider"}]}', 'no provider'],
  [
    'Glance',
    '<html><head><title>409 Conflict</title></head><body><h1>409 Conflict</h1>exists<br/><br/></body></html>',
    '409 Conflict exists',
  ],
  ['a proxy', 'Service Unavailable\n', 'Service Unavailable'],
])('%s', (_service, text, message) => {
  expect(serviceMessage(text)).toBe(message)
})
