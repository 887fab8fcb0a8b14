/** Clocks: the machine's, and one that a test moves. */
export { type Clock, pause, systemClock } from './clock.ts'
export { type SimulatedClock, simulatedClock } from './simulated.ts'
