/** How long a test waits for what must come: machines differ in speed, and how fast something is, `bench/` says. Milliseconds. */
export const patience = { timeout: 600_000, interval: 1000 }
