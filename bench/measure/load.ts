/** Clients that ask one thing after the other, each as soon as it has its answer. */
import { Agent, request } from 'node:http'

export interface Target {
  readonly url: string
  readonly token: string
}

export interface Load {
  readonly requests: number
  readonly seconds: number
  /** Of every request, from sending it to the last byte of the answer, ms. */
  readonly times: readonly number[]
}

export const noLoad: Load = { requests: 0, seconds: 0, times: [] }

export const both = (one: Load, other: Load): Load => ({
  requests: one.requests + other.requests,
  seconds: one.seconds + other.seconds,
  times: [...one.times, ...other.times],
})

export const rate = ({ requests, seconds }: Load): number => requests / seconds

/** The time that `share` of the requests took at most. */
export function quantile({ times }: Load, share: number): number {
  const sorted = times.toSorted((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.ceil(sorted.length * share) - 1)] ?? Number.NaN
}

/** Requests that are under way when the time is over are waited for, and count. */
export async function load({ url, token }: Target, clients: number, seconds: number): Promise<Load> {
  const agent = new Agent({ keepAlive: true, maxSockets: clients })
  const times: number[] = []
  const begin = performance.now()
  const client = async (): Promise<void> => {
    do {
      const sent = performance.now()
      await ask(url, token, agent)
      times.push(performance.now() - sent)
    } while (performance.now() - begin < seconds * 1000)
  }
  await Promise.all(Array.from({ length: clients }, client))
  agent.destroy()
  return { requests: times.length, seconds: (performance.now() - begin) / 1000, times }
}

/** Bytes of the answer. @throws Error unless it is 200 */
export async function ask(url: string, token: string, agent?: Agent): Promise<number> {
  return await new Promise((resolve, reject) => {
    const headers = {
      'x-auth-token': token,
      accept: 'application/json',
      'openstack-api-version': 'container-infra 1.11',
    }
    const asked = request(url, { headers, ...(agent === undefined ? {} : { agent }) }, (response) => {
      let bytes = 0
      response.on('data', (chunk: Buffer) => {
        bytes += chunk.length
      })
      response.on('end', () =>
        response.statusCode === 200 ? resolve(bytes) : reject(new Error(`${url} answered ${response.statusCode}`)),
      )
      response.on('error', reject)
    })
    asked.on('error', reject)
    asked.end()
  })
}
