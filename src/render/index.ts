export type * from './model.ts'
export type { Site } from './context.ts'
export { knownServices } from './known.ts'
export { render, type RenderResult } from './render.ts'
