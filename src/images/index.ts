export * from './build.ts'
export type * from './model.ts'
export { hostPackages } from './recipes.ts'
export * from './test-image.ts'
