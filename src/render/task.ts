/** A task as a Job named by the hash of what it runs, or as a CronJob. */
import type { Task } from '../catalog/index.ts'
import type { KubeObject } from '../kube/index.ts'
import type { Cloud } from '../spec/index.ts'
import { namespaceOf } from './context.ts'
import { type ConfigData, configData } from './files.ts'
import { objectName, shortHash, unitLabels } from './names.ts'
import { type PodInput, podSpec } from './pod.ts'
import { environment } from './settings.ts'

type TaskInput = Omit<PodInput, 'configMap' | 'work' | 'serviceAccount'> & {
  readonly work: Task
  readonly serviceAccount: string
}

const taskId = ({ id }: TaskInput): string => `${id.service}/${id.name}`

/** Changes exactly when image, command, configuration or environment of the task do. */
export function jobName(cloud: Cloud, input: TaskInput): string {
  const { work, site } = input
  const data = configData(cloud, input.id, work)
  const env = environment(cloud, input.id, work)
  const hash = shortHash([site.images[work.image], work.command, env, work.user, work.volumes, data])
  return `${objectName(taskId(input))}-${hash}`
}

export function taskObjects(input: TaskInput): readonly KubeObject[] {
  const { cloud, work } = input
  const id = taskId(input)
  const namespace = namespaceOf(cloud)
  const labels = unitLabels(cloud.metadata.name, id)
  const data = configData(cloud, input.id, work)
  const name = work.schedule === undefined ? jobName(cloud, input) : objectName(id)
  const configMap = {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name, namespace, labels },
    data,
  } satisfies KubeObject & { data: ConfigData }
  const job = {
    backoffLimit: 4,
    activeDeadlineSeconds: work.deadlineSeconds ?? 900,
    template: { metadata: { labels }, spec: { restartPolicy: 'OnFailure', ...podSpec({ ...input, configMap: name }) } },
  }
  if (work.schedule === undefined)
    return [configMap, { apiVersion: 'batch/v1', kind: 'Job', metadata: { name, namespace, labels }, spec: job }]
  return [
    configMap,
    {
      apiVersion: 'batch/v1',
      kind: 'CronJob',
      metadata: { name, namespace, labels },
      spec: {
        schedule: work.schedule,
        concurrencyPolicy: 'Forbid',
        successfulJobsHistoryLimit: 1,
        failedJobsHistoryLimit: 2,
        jobTemplate: { metadata: { labels }, spec: job },
      },
    },
  ]
}
