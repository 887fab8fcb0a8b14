/** The document's policy rules in the programs of a service. */
import { configDir, type ServiceDefinition, type ServiceParts, type Work } from '../catalog/index.ts'
import type { Cloud } from '../spec/index.ts'
import { optionFiles } from './settings.ts'

const policyFile = `${configDir}/policy.yaml`

/** A service's parts with its `policy.yaml` in every component that reads one of the service's files. */
export function withPolicy(cloud: Cloud, { name, optionLists }: ServiceDefinition, parts: ServiceParts): ServiceParts {
  const policy = cloud.spec.services[name]?.policy ?? {}
  if (Object.keys(policy).length === 0) return parts
  const reads = ({ files }: Work): boolean => optionFiles(files).some((file) => file in optionLists)
  const components = parts.components.map((work) =>
    reads(work)
      ? {
          ...work,
          files: { ...work.files, [policyFile]: { text: `${JSON.stringify(policy, undefined, 2)}\n` } },
          env: { ...work.env, OS_OSLO_POLICY__POLICY_FILE: policyFile },
        }
      : work,
  )
  return { ...parts, components }
}
