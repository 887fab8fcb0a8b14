/** The null driver: imaginary infrastructure, honest about what it is. */
export { imaginaryCloudInMemory } from './cloud.ts'
export { createImaginaryDriver } from './driver.ts'
export { Hopeless, type ImaginaryOptions } from './motion.ts'
export { imaginaryCloudInSecrets } from './secrets.ts'
