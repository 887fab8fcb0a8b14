/** A stack whose server says by itself that it is there: the way from inside a guest to Heat, and the signed one. */
import { expect } from 'vitest'
import type { Installation } from './installation.ts'
import { patience } from './patience.ts'

/** The guest's script signals with the token it was given; the second condition is signalled by a signed address, as `cfn-signal` does. */
const template = `heat_template_version: 2021-04-16
resources:
  handle: {type: OS::Heat::WaitConditionHandle}
  booted:
    type: OS::Heat::WaitCondition
    properties: {handle: {get_resource: handle}, timeout: 240}
  signed_handle: {type: AWS::CloudFormation::WaitConditionHandle}
  signed:
    type: AWS::CloudFormation::WaitCondition
    properties: {Handle: {get_resource: signed_handle}, Timeout: 240}
  server:
    type: OS::Nova::Server
    properties:
      image: tiny
      flavor: m1.nano
      networks: [{network: private}]
      user_data_format: RAW
      user_data:
        str_replace:
          params: {TOKEN: {get_attr: [handle, token]}, ENDPOINT: {get_attr: [handle, endpoint]}}
          template: |
            #!/bin/sh
            for try in 1 2 3 4 5; do
              wget -q --no-check-certificate -T 20 -O - --header 'X-Auth-Token: TOKEN' --header 'Content-Type: application/json' \\
                --post-data '{"status": "SUCCESS", "data": "from inside the guest"}' 'ENDPOINT' && exit
              sleep 3
            done
outputs:
  said: {value: {get_attr: [booted, data]}}
  signed_address: {value: {get_resource: signed_handle}}
`

interface Stack {
  readonly stack_status: string
  readonly stack_status_reason: string
  readonly outputs: readonly { readonly output_key: string; readonly output_value: unknown }[]
}

/** Runs a script in the toolbox. */
const inToolbox = (cloud: Installation, script: string) =>
  cloud.kubectl('-n', 'openstack', 'exec', 'deployment/toolbox-client', '-c', 'client', '--', 'sh', '-c', script)

export async function trySignals(cloud: Installation): Promise<void> {
  const encoded = Buffer.from(template).toString('base64')
  const create = `echo ${encoded} | base64 -d > /tmp/stack.yaml && openstack stack create -t /tmp/stack.yaml signals`
  const made = inToolbox(cloud, `PATH=/var/lib/openstack/bin:$PATH; ${create}`)
  expect(made.code, made.stderr).toBe(0)
  const stack = (): Stack => cloud.openstack('stack', 'show', 'signals') as Stack
  const output = (name: string): unknown => stack().outputs.find(({ output_key }) => output_key === name)?.output_value
  await expect.poll(() => output('signed_address'), patience).toContain('/cloudformation/')
  const signal = JSON.stringify({ Status: 'SUCCESS', Reason: 'told', UniqueId: 'one', Data: 'by a signed address' })
  const put = `import sys, ssl, urllib.request as u
context = ssl._create_unverified_context()
print(u.urlopen(u.Request(sys.argv[1], data=sys.argv[2].encode(), method='PUT', headers={'Content-Type': 'application/json'}), context=context, timeout=60).status)`
  const place = ['-n', 'openstack', 'exec', 'deployment/toolbox-client', '-c', 'client', '--', 'python3', '-c', put]
  const told = cloud.kubectl(...place, String(output('signed_address')), signal)
  expect(told.stdout.trim(), told.stderr).toBe('200')
  await expect.poll(() => stack().stack_status, patience).toBe('CREATE_COMPLETE')
  expect(JSON.stringify(output('said'))).toContain('from inside the guest')
  const removed = cloud.run('openstack', 'stack', 'delete', '--yes', '--wait', 'signals')
  expect(removed.code, removed.stderr).toBe(0)
}
