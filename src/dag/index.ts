export { type CriticalPath, criticalPath } from './critical-path.ts'
export { createGraph, dependentsOf, findCycle, type Graph, type GraphNode, topologicalOrder } from './graph.ts'
export { type Outcome, type WalkOptions, walk } from './walk.ts'
