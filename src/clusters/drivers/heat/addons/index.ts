export { type Brought, broughtAddOns, nothingBrought, withAddOns } from './bring.ts'
export { addOnWarnings, hasCinderCsi, hasCloudController } from './wished.ts'
