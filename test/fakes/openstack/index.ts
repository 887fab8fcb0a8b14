export { type Call, type FakeOpenStack, type Fault, startFakeOpenStack } from './fake.ts'
