/** A happening in the words of a Kubernetes Event. */
import { kindOf } from './cluster-status.ts'
import type { Happening } from './story.ts'

export interface Tale {
  readonly type: 'Normal' | 'Warning'
  /** CamelCase, for machines. */
  readonly reason: string
  /** What was done, or tried. */
  readonly action: string
  /** One sentence for people. */
  readonly note: string
}

export function taleOf(happening: Happening): Tale {
  const { cluster } = happening
  const kind = kindOf(cluster)
  const action = titles[kind] ?? kind
  const name = cluster.spec.name
  switch (happening.what) {
    case 'began':
      return { type: 'Normal', action, reason: `${action}Began`, note: `Began to ${words[kind]} cluster ${name}` }
    case 'waits':
      return { type: 'Normal', action, reason: 'Waiting', note: `Waiting for ${happening.for}` }
    case 'hindered':
      return { type: 'Warning', action, reason: 'Hindered', note: `Tried again: ${happening.reason}` }
    case 'succeeded':
      return { type: 'Normal', action, reason: `${action}Succeeded`, note: `Done: ${words[kind]} cluster ${name}` }
    case 'failed':
      return { type: 'Warning', action, reason: `${action}Failed`, note: happening.reason }
    case 'turned-back':
      return {
        type: 'Warning',
        action,
        reason: 'TurnedBack',
        note: `Goes back to what was before: ${happening.reason}`,
      }
    case 'health-changed': {
      const { from, to } = happening
      const note = from === undefined ? `The cluster is ${to}` : `The cluster is ${to}, it was ${from}`
      return { type: to === 'HEALTHY' ? 'Normal' : 'Warning', action: 'Look', reason: titleCase(to), note }
    }
  }
}

type Kind = ReturnType<typeof kindOf>

const words: Readonly<Record<Kind, string>> = {
  create: 'create',
  update: 'update',
  resize: 'resize',
  upgrade: 'upgrade',
  'rotate-ca': 'rotate the authorities of',
  'rotate-credential': 'rotate the credential of',
  'nodegroup-create': 'add a node group to',
  'nodegroup-update': 'update a node group of',
  'nodegroup-delete': 'take a node group from',
  delete: 'delete',
  rollback: 'roll back',
}

const titles: Readonly<Record<Kind, string>> = {
  create: 'Create',
  update: 'Update',
  resize: 'Resize',
  upgrade: 'Upgrade',
  'rotate-ca': 'RotateCa',
  'rotate-credential': 'RotateCredential',
  'nodegroup-create': 'CreateNodeGroup',
  'nodegroup-update': 'UpdateNodeGroup',
  'nodegroup-delete': 'DeleteNodeGroup',
  delete: 'Delete',
  rollback: 'Rollback',
}

const titleCase = (word: string): string => `${word.slice(0, 1)}${word.slice(1).toLowerCase()}`
