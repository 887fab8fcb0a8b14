/** Which driver serves a cluster. Drivers say themselves what they cover; nothing here knows one by name. */
import type { ClusterTemplateSpec } from '../model/index.ts'
import type { Driver } from './driver.ts'

type Kind = Pick<ClusterTemplateSpec, 'coe' | 'clusterDistro' | 'serverType' | 'driver'>

/** No driver serves such clusters. The message begins with Magnum's, and says what is served in the same sentence: clients show no other. The API answers it with 400. */
export class ClusterTypeNotSupported extends Error {
  constructor(message: string) {
    super(message)
    this.name = 'ClusterTypeNotSupported'
  }
}

export interface DriverRegistry {
  /** The driver that the template names, else the first that covers it. @throws ClusterTypeNotSupported */
  driverOf(template: Kind): Driver
  /** In the order they are asked. */
  readonly drivers: readonly Driver[]
}

export interface RegistryOptions {
  /** Drivers that only pretend are refused without it: what they make is not there. @default false */
  readonly imaginary?: boolean
}

/** @throws Error when a driver only pretends and that was not asked for, or when two have one name */
export function createRegistry(
  drivers: readonly Driver[],
  { imaginary = false }: RegistryOptions = {},
): DriverRegistry {
  for (const { name, imaginary: pretends } of drivers) {
    if (pretends === true && !imaginary)
      throw new Error(`The driver "${name}" makes no clusters, it only pretends to; it has to be asked for explicitly`)
    if (drivers.filter((driver) => driver.name === name).length > 1) throw new Error(`Two drivers are named "${name}"`)
  }
  return {
    drivers,
    driverOf: (template) => {
      const covering = drivers.filter((driver) => covers(driver, template))
      const found = template.driver === undefined ? covering[0] : covering.find(({ name }) => name === template.driver)
      if (found !== undefined) return found
      if (template.driver !== undefined && !drivers.some(({ name }) => name === template.driver))
        throw new ClusterTypeNotSupported(`Cluster driver (${template.driver}) not supported; ${served(drivers)}.`)
      const { serverType, clusterDistro, coe } = template
      throw new ClusterTypeNotSupported(
        `Cluster type (${serverType}, ${clusterDistro}, ${coe}) not supported; ${served(drivers)}.`,
      )
    },
  }
}

const told = 5

function served(drivers: readonly Driver[]): string {
  const kinds = [
    ...new Set(
      drivers.flatMap(({ covers }) => covers.map((kind) => `(${kind.serverType}, ${kind.distro}, ${kind.coe})`)),
    ),
  ]
  if (kinds.length === 0) return 'no driver is enabled here'
  const more = kinds.length > told ? ` and ${kinds.length - told} more` : ''
  return `served here: ${kinds.slice(0, told).join(', ')}${more}, where the second is os_distro of the image`
}

const covers = (driver: Driver, { coe, clusterDistro, serverType }: Kind): boolean =>
  driver.covers.some(
    (covered) => covered.coe === coe && covered.distro === clusterDistro && covered.serverType === serverType,
  )
