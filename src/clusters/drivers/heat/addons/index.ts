export { type Brought, broughtAddOns, broughtNetwork, nothingBrought, withAddOns } from './bring.ts'
export { addOnWarnings, hasCinderCsi, hasCloudController, hasNetworkAddOn } from './wished.ts'
