/** Drivers by the names that a configuration gives them. */
import { randomUUID } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { CroqueError } from '../../errors/index.ts'
import type { ClusterCertificates } from '../certificates/index.ts'
import { type Clock, systemClock } from '../clock/index.ts'
import {
  createImaginaryDriver,
  createRegistry,
  type Driver,
  type DriverRegistry,
  heatOnCloud,
  imaginaryCloudInSecrets,
} from '../drivers/index.ts'
import type { ClusterStore } from '../model/index.ts'
import type { Ledger } from '../nodes/index.ts'
import { cloudOf } from './access.ts'
import type { ServiceConfig } from './config.ts'

interface Surroundings {
  readonly store: Pick<ClusterStore, 'clusters' | 'onClusterChange' | 'readSecret' | 'writeSecret'>
  readonly ledger: Ledger
  readonly certificates: Pick<ClusterCertificates, 'admin' | 'material'>
  readonly clock?: Clock
}

type Maker = (around: Surroundings, config: ServiceConfig) => Driver | Promise<Driver>

const makers: Readonly<Record<string, Maker>> = {
  heat: async (around, config) => await heatOf(around, config),
  null: ({ store, clock = systemClock }) =>
    createImaginaryDriver({ cloud: imaginaryCloudInSecrets(store), clock, newId: randomUUID }),
}

/** @throws CroqueError `config-invalid` for a name that is no driver's, and for one that only pretends where that was not asked for */
export async function driversOf(config: ServiceConfig, around: Surroundings): Promise<DriverRegistry> {
  const { drivers } = config
  const made = await Promise.all(
    drivers.enabled.map(async (name) => {
      const make = Object.hasOwn(makers, name) ? makers[name] : undefined
      if (make === undefined) throw invalid(`drivers.enabled: there is no driver ${name}`)
      return await make(around, config)
    }),
  )
  try {
    return createRegistry(made, { imaginary: drivers.imaginary })
  } catch (cause) {
    throw invalid(`drivers.enabled: ${cause instanceof Error ? cause.message : String(cause)}`)
  }
}

async function heatOf(
  { store, ledger, certificates, clock = systemClock }: Surroundings,
  config: ServiceConfig,
): Promise<Driver> {
  const { trust, nodes, api, cinder, drivers } = config
  const { trustee_domain_admin_password: password } = trust
  const url = nodes.api_url ?? api.public_url
  if (password === undefined) throw invalid('the driver heat needs trust.trustee_domain_admin_password')
  if (url === undefined)
    throw invalid('the driver heat needs api.public_url or nodes.api_url, where nodes reach this service')
  return heatOnCloud({
    cloud: await cloudOf(config),
    users: {
      domain: trust.trustee_domain_name,
      admin: { username: trust.trustee_domain_admin_name, password },
      role: trust.roles,
    },
    desk: {
      url: `${url}/nodes/v1`,
      ...(nodes.api_address === undefined ? {} : { address: nodes.api_address }),
      ...(nodes.cafile === undefined ? {} : { ca: await readFile(nodes.cafile, 'utf8') }),
    },
    defaults: { bootVolumeSize: cinder.default_boot_volume_size },
    ...(drivers.openstack_ca_file === undefined ? {} : { trusted: await readFile(drivers.openstack_ca_file, 'utf8') }),
    store,
    ledger,
    certificates,
    now: clock.now,
  })
}

const invalid = (why: string): CroqueError =>
  new CroqueError('config-invalid', { what: 'The configuration of the clusters API has errors', why })
