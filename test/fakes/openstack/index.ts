export { type FakeOpenStack, startFakeOpenStack } from './fake.ts'
