/** A cloud of node containers: what Heat, Nova and Neutron would make of the stacks of a cluster, as far as its driver and its nodes see. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, openSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import type { ClusterCloud, SeenServer, SeenStack } from '../../../src/clusters/drivers/heat/cloud.ts'
import type { StackBody, Template } from '../../../src/clusters/drivers/heat/template.ts'

interface Box {
  readonly name: string
  readonly address: string
  readonly process: ChildProcess
}

type Role = 'masters' | 'workers'

interface Stack {
  readonly id: string
  readonly name: string
  tags: readonly string[]
  status: string
  readonly boxes: Readonly<Record<Role, Map<string, Box>>>
}

export interface BoxesOptions {
  readonly directory: string
  /** Of a node, as overlayfs takes them, topmost first. */
  readonly trees: string
  /** Of the API of the cluster, held by its masters. */
  readonly apiAddress: string
}

export class Boxes {
  readonly #options: BoxesOptions
  readonly #stacks = new Map<string, Stack>()
  #made = 10

  constructor(options: BoxesOptions) {
    this.#options = options
  }

  readonly cloud: ClusterCloud = {
    stacks: async () => [...this.#stacks.values()].map((stack) => this.#seen(stack)),
    create: async (name, body, tags) => {
      const stack = { id: name, name, tags, status: '', boxes: { masters: new Map(), workers: new Map() } }
      this.#stacks.set(name, stack)
      await this.#make(stack, body, { tags, status: 'CREATE_COMPLETE' })
    },
    update: async ({ name }, body, tags) => {
      const stack = this.#stacks.get(name)
      if (stack !== undefined) await this.#make(stack, body, { tags, status: 'UPDATE_COMPLETE' })
    },
    remove: async ({ name }) => {
      const boxes = this.#stacks.get(name)?.boxes
      for (const box of [...(boxes?.masters.values() ?? []), ...(boxes?.workers.values() ?? [])]) await this.#end(box)
      this.#stacks.delete(name)
    },
    offers: async () => false,
    sweep: async () => [],
    leave: async () => undefined,
  }

  /** Those that run, by name. */
  get names(): readonly string[] {
    return this.#all().map(({ name }) => name)
  }

  /** Runs a command on a node. @returns what it writes */
  run(name: string, ...command: readonly string[]): string {
    const init = readFileSync(join(this.#options.directory, this.#find(name).name, 'init'), 'utf8').trim()
    const enter = ['--target', init, '--all', '--', ...command]
    return execFileSync('nsenter', enter, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] })
  }

  /** The power goes. */
  async kill(name: string): Promise<void> {
    await this.#end(this.#find(name))
  }

  #all(): readonly Box[] {
    return [...this.#stacks.values()].flatMap(({ boxes }) => [...boxes.masters.values(), ...boxes.workers.values()])
  }

  #find(name: string): Box {
    const found = this.#all().find((box) => box.name === name)
    if (found === undefined) throw new Error(`there is no node ${name}; there are ${this.names.join(', ')}`)
    return found
  }

  async #make(stack: Stack, body: StackBody, change: Pick<Stack, 'tags' | 'status'>): Promise<void> {
    Object.assign(stack, change)
    for (const role of ['masters', 'workers'] as const) {
      const word = role === 'masters' ? 'masters' : 'minions'
      const { resources } = JSON.parse(body.files[`kube${word}.yaml`] ?? '{"resources":{}}') as Template
      const userData = body.parameters[`kube_${word}_user_data`] ?? {}
      const boxes = stack.boxes[role]
      for (const [index, box] of boxes)
        if (resources[index] === undefined) {
          boxes.delete(index)
          await this.#end(box)
        }
      for (const [index, { properties }] of Object.entries(resources))
        if (!boxes.has(index)) boxes.set(index, this.#start(String(properties?.['name']), userData[index] ?? ''))
    }
  }

  #start(name: string, userData: string): Box {
    const { directory, trees } = this.#options
    const address = `10.0.0.${++this.#made}`
    const own = join(directory, name)
    mkdirSync(own)
    const config = JSON.parse(userData.replace(/^#.*\n/, '')) as {
      readonly write_files: readonly [{ content: string }]
    }
    const log = openSync(join(directory, `${name}.log`), 'w')
    const script = [join(import.meta.dirname, 'node.sh'), name, address, own, trees, config.write_files[0].content]
    return { name, address, process: spawn('sh', script, { stdio: ['ignore', log, log] }) }
  }

  async #end({ name, process }: Box): Promise<void> {
    if (process.exitCode !== null || process.signalCode !== null) return
    process.kill('SIGKILL')
    await once(process, 'exit')
    rmSync(join(this.#options.directory, name), { recursive: true, force: true })
  }

  #seen({ id, name, status, tags, boxes }: Stack): SeenStack {
    const servers = (role: Role): Readonly<Record<string, SeenServer>> =>
      Object.fromEntries([...boxes[role]].map(([index, box]) => [index, seenServer(box)]))
    return {
      ...{ id, name, status, tags, reason: '', movedAt: Date.now() },
      api: { address: this.#options.apiAddress },
      masters: servers('masters'),
      workers: servers('workers'),
      outputs: {},
      isBuilt: false,
      parts: [],
    }
  }
}

function seenServer({ name, address, process }: Box): SeenServer {
  const isThere = process.exitCode === null && process.signalCode === null
  return { id: name, address, machine: isThere ? 'ACTIVE' : 'gone', status: 'CREATE_COMPLETE', reason: '' }
}
