/** Placement: one provider with an inventory. */
import { notFound, type Service } from './model.ts'

export const placement: Service = (call) => {
  const [, , provider, what] = call.path.split('/')
  if (provider === undefined) return { status: 200, body: { resource_providers: [{ uuid: 'rp-1', name: 'node1' }] } }
  return provider === 'rp-1' && what === 'inventories'
    ? { status: 200, body: { inventories: { VCPU: { total: 2 }, MEMORY_MB: { total: 8192 } } } }
    : notFound
}
