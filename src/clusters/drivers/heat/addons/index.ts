export { addOnsDirectory, type Brought, broughtAddOns, broughtNetwork, nothingBrought } from './bring.ts'
export { addOnWarnings, hasCinderCsi, hasCloudController, hasNetworkAddOn } from './wished.ts'
