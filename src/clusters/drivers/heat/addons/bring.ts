/**
 * How add-ons come into a cluster: as files of a master's orders, and commands that apply them. A command has a digest of what it applies
 * among its words, so it is run again when that is another one, and only then. Pure.
 */
import { autoscalerDirectory } from '../../../autoscaler/index.ts'
import type { Cluster } from '../../../model/index.ts'
import { rangesOf } from '../layout.ts'
import { type AddOn, autoscalerSecret, cloudSecret, namespace, type Surroundings } from './add-on.ts'
import { imagesOf } from './images.ts'
import { digest } from './objects.ts'
import { networkAddOns, wishedAddOns } from './wished.ts'

export interface Brought {
  /** Path to text. */
  readonly files: Readonly<Record<string, string>>
  readonly commands: readonly (readonly string[])[]
}

export const nothingBrought: Brought = { files: {}, commands: [] }

/** What a node has of add-ons is a master's for as long as it is its turn. */
export const addOnsDirectory = '/etc/croque/add-ons'
const program = `${addOnsDirectory}/apply`
const drawing = `${addOnsDirectory}/draw`

export interface BringOptions extends Partial<Pick<Surroundings, 'host'>> {
  /** Name of the one that masters have; undefined where there is none. */
  readonly credential?: string | undefined
  /** @default false */
  readonly balancers?: boolean
}

type Bringing = Pick<Cluster, 'uuid' | 'spec'>

/** @throws CloudRefusal for labels that cannot be read */
export const broughtAddOns = (cluster: Bringing, options: BringOptions): Brought =>
  bring(cluster, wishedAddOns(cluster.spec), options)

/** What connects Pods: without it no node is ready, so whoever makes the cluster does not wait for that. The words are those of the others. */
export const broughtNetwork = (cluster: Bringing): Brought => bring(cluster, networkAddOns(cluster.spec), {})

function bring(
  { uuid, spec }: Bringing,
  wished: readonly AddOn[],
  { credential = '', balancers = false, host }: BringOptions,
): Brought {
  const image = imagesOf(spec.labels)
  if (image === undefined || wished.length === 0) return nothingBrought
  const known = { cluster: uuid, labels: spec.labels, pods: rangesOf({ spec }).pods, image, credential, balancers }
  const about = { ...known, ...(host === undefined ? {} : { host }) }
  const texts = wished.map((addOn) => {
    const list = { apiVersion: 'v1', kind: 'List', items: addOn.objects(about) }
    return { name: addOn.name, text: `${JSON.stringify(list, null, 2)}\n` }
  })
  const logins = new Set(wished.flatMap(({ login }) => login ?? []))
  const passwords = wished.flatMap(({ password }) => password ?? [])
  return {
    files: {
      [program]: script,
      ...(passwords.length === 0 ? {} : { [drawing]: drawingScript }),
      ...Object.fromEntries(texts.map(({ name, text }) => [`${addOnsDirectory}/${name}.json`, text])),
    },
    commands: [
      ...[...logins].map((login) => ['/bin/sh', program, login, credential]),
      ...passwords.map((name) => ['/bin/sh', drawing, name]),
      ...texts.map(({ name, text }) => ['/bin/sh', program, name, digest(text)]),
    ],
  }
}

/** May be run again. What is secret goes from a file of this master to its API server, and is in no word of a command. */
const script = `#!/bin/sh
# apply NAME DIGEST: what add-on NAME is made of; with the name of a login, what add-ons call the cloud with.
set -eu
export KUBECONFIG=/etc/kubernetes/admin.conf
what=$1
failed() { echo "add-on $what could not be applied" >&2; exit 1; }
apply() { kubectl apply --server-side --force-conflicts --field-manager croque-add-ons -f "$1" || failed; }
secret() { kubectl create secret generic "$@" --namespace ${namespace} --dry-run=client -o json | apply -; }
case $what in
credential)
  set -- --from-file=/etc/kubernetes/cloud-config
  [ ! -e /etc/kubernetes/cloud-ca.crt ] || set -- "$@" --from-file=/etc/kubernetes/cloud-ca.crt
  secret ${cloudSecret} "$@"
  ;;
autoscaler-login) secret ${autoscalerSecret} --from-file=${autoscalerDirectory} ;;
*) apply "${addOnsDirectory}/$what.json" ;;
esac
`

/** May be run again: what was drawn stays. Nobody but this API server is told. */
const drawingScript = `#!/bin/sh
# draw SECRET: a password, where there is none of that name.
set -eu
export KUBECONFIG=/etc/kubernetes/admin.conf
found=$(kubectl get secret "$1" --namespace ${namespace} --ignore-not-found -o name)
[ -z "$found" ] || exit 0
head -c 24 /dev/urandom | base64 | tr -d '\\n' |
  kubectl create secret generic "$1" --namespace ${namespace} --from-file=password=/dev/stdin
`
