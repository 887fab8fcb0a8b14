export type * from './model.ts'
export type { Site } from './context.ts'
export { render, type RenderResult } from './render.ts'
