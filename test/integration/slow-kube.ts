/** Clients as a bad day makes them: watches that tell late or not at all, requests that are sent twice, a wire that can be cut. */
import { once } from 'node:events'
import { connect, createServer, type Server, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Kube, WatchEvent } from '../../src/kube/index.ts'

type Watch = (...asked: Parameters<Kube['watch']>) => AsyncIterable<WatchEvent>

/** Every event comes later than it came by what `delay` gives, ms; in order. */
export function lateWatches(kube: Kube, delay: () => number): Kube {
  const watch: Watch = async function* (kind, options) {
    const queue: { readonly event: WatchEvent | undefined; readonly due: number }[] = []
    let wake = (): void => undefined
    let failure: Error | undefined
    const push = (event: WatchEvent | undefined): void => {
      queue.push({ event, due: Date.now() + (event?.type === 'SYNC' ? 0 : delay()) })
      wake()
    }
    const pump = async (): Promise<void> => {
      for await (const event of kube.watch(kind, options)) push(event)
    }
    void pump()
      .catch((error: unknown) => {
        failure = error instanceof Error ? error : new Error(String(error))
      })
      .finally(() => push(undefined))
    for (;;) {
      const next = queue.shift()
      if (next === undefined) {
        await new Promise<void>((resolve) => {
          wake = resolve
        })
        continue
      }
      if (next.event === undefined) break
      await sleep(Math.max(0, next.due - Date.now()))
      yield next.event
    }
    if (failure !== undefined) throw failure
  }
  return { ...kube, watch }
}

export interface Gate {
  readonly kube: Kube
  /** From now on nothing passes, lists included if so wished. */
  close(what: 'events' | 'all'): void
  open(): void
}

/** Watches that stand still while the gate is closed. */
export function gatedWatches(kube: Kube): Gate {
  let closed: 'events' | 'all' | undefined
  let opened = Promise.withResolvers<void>()
  const isHeld = (event: WatchEvent): boolean => closed === 'all' || (closed === 'events' && event.type !== 'SYNC')
  const watch: Watch = async function* (kind, options) {
    const { signal } = options ?? {}
    const aborted = signal === undefined ? new Promise(() => undefined) : once(signal, 'abort')
    for await (const event of kube.watch(kind, options)) {
      while (isHeld(event) && signal?.aborted !== true) await Promise.race([opened.promise, aborted])
      if (signal?.aborted === true) return
      yield event
    }
  }
  return {
    kube: { ...kube, watch },
    close: (what) => {
      closed = what
      opened = Promise.withResolvers<void>()
    },
    open: () => {
      closed = undefined
      opened.resolve()
    },
  }
}

/** Every write is done, its answer lost, and sent again: as the transport does when a connection breaks. */
export function repeatingWrites(kube: Kube): Kube {
  const twice = async <T>(request: () => Promise<T>): Promise<T> => {
    await request()
    return await request()
  }
  return {
    ...kube,
    create: async (...asked) => await twice(async () => await kube.create(...asked)),
    patch: async (...asked) => await twice(async () => await kube.patch(...asked)),
    delete: async (...asked) => await twice(async () => await kube.delete(...asked)),
  }
}

export interface Wire {
  /** Of this end. */
  readonly server: string
  /** Ends all connections and takes no more, until mended. */
  cut(): void
  mend(): void
  close(): Promise<void>
}

/** A way to an API server on this machine that can be cut. */
export async function openWire(server: string): Promise<Wire> {
  const { hostname, port } = new URL(server)
  const sockets = new Set<Socket>()
  let whole = true
  const keep = (socket: Socket): void => {
    sockets.add(socket)
    socket.on('error', () => socket.destroy())
    socket.on('close', () => sockets.delete(socket))
  }
  const listener: Server = createServer((near) => {
    keep(near)
    if (!whole) return void near.destroy()
    const far = connect(Number(port), hostname)
    keep(far)
    near.pipe(far).pipe(near)
    near.on('close', () => far.destroy())
    far.on('close', () => near.destroy())
  })
  listener.listen(0, '127.0.0.1')
  await once(listener, 'listening')
  const address = listener.address()
  if (address === null || typeof address === 'string') throw new Error('no port')
  const drop = (): void => {
    for (const socket of sockets) socket.destroy()
  }
  return {
    server: `https://127.0.0.1:${address.port}`,
    cut: () => {
      whole = false
      drop()
    },
    mend: () => {
      whole = true
    },
    close: async () => {
      drop()
      listener.close()
      await once(listener, 'close')
    },
  }
}
