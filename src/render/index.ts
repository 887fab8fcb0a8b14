export type { Site } from './context.ts'
export { knownServices } from './known.ts'
export type * from './model.ts'
export { type RenderResult, render } from './render.ts'
