import { expect, test } from 'vitest'
import { simulatedClock } from '../clock/index.ts'
import { keyStock } from './stock.ts'

test('keys are made before they are asked for, given once, and made anew after a while', async () => {
  const clock = simulatedClock()
  let made = 0
  const stock = keyStock(async () => {
    made += 1
    return { privateKey: `${made}`, publicKey: `${made}` }
  }, clock)
  stock.fill()
  stock.fill()
  await expect.poll(() => made).toBe(2)
  const taken = await Promise.all(Array.from({ length: 5 }, () => stock.take()))
  expect(new Set(taken.map(({ privateKey }) => privateKey)).size).toBe(5)
  expect(made).toBe(5)
  await clock.advance(1000)
  await expect.poll(() => made).toBe(7)
})

test('what hinders is told to who takes one, and over when it is over', async () => {
  let fails = true
  const stock = keyStock(async () => {
    if (fails) throw new Error('no')
    return { privateKey: 'a', publicKey: 'a' }
  }, simulatedClock())
  stock.fill()
  await expect(stock.take()).rejects.toThrow('no')
  fails = false
  expect((await stock.take()).privateKey).toBe('a')
})
