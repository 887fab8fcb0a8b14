import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    // A worker for every core; vitest by itself leaves one core out.
    maxWorkers: '100%',
    setupFiles: ['test/reasons.ts', 'test/until.ts'],
    projects: [
      {
        test: {
          name: 'unit',
          include: ['src/**/*.test.ts', 'test/house/**/*.test.ts', 'test/fakes/**/*.test.ts', 'test/e2e/*/*.test.ts'],
          testTimeout: 30_000,
          hookTimeout: 30_000,
        },
      },
      {
        test: {
          name: 'integration',
          include: ['test/integration/**/*.test.ts'],
          globalSetup: ['test/integration/programs.ts'],
          testTimeout: 120_000,
          hookTimeout: 300_000,
        },
      },
      {
        test: {
          name: 'e2e',
          include: ['test/e2e/*.test.ts'],
          globalSetup: ['test/e2e/leftovers.ts'],
          testTimeout: 1_800_000,
          hookTimeout: 1_800_000,
          fileParallelism: false,
          sequence: { concurrent: false },
        },
      },
    ],
  },
})
