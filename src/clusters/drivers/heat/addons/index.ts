export { addOnsDirectory, type Brought, broughtAddOns, broughtNetwork, nothingBrought } from './bring.ts'
export { addOnWarnings, hasCilium, hasCinderCsi, hasCloudController, hasNetworkAddOn } from './wished.ts'
