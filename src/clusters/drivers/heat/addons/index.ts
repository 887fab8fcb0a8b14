export { addOnsDirectory, type Brought, broughtAddOns, broughtNetwork, nothingBrought } from './bring.ts'
export { addOnWarnings, hasAutoscaler, hasCilium, hasCinderCsi, hasCloudController, hasNetworkAddOn } from './wished.ts'
