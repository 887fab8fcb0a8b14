/** Drivers: the interface, who serves what, and the one that only pretends. */
export type { DeadNode, Driver, Facts, Health, NodeGroupFacts, Progress, Wish } from './driver.ts'
export {
  authoritiesSecret,
  autoscalerCredential,
  autoscalerSecret,
  cloudConfigSecret,
  type HeatOnCloudOptions,
  heatOnCloud,
  keystoneAuthSecret,
  swarmJoinSecrets,
} from './heat/index.ts'
export {
  createImaginaryDriver,
  type ImaginaryOptions,
  imaginaryCloudInMemory,
  imaginaryCloudInSecrets,
} from './imaginary/index.ts'
export { ClusterTypeNotSupported, createRegistry, type DriverRegistry, type RegistryOptions } from './registry.ts'
