/** What a failed test of container guests prints, since the cloud is gone when somebody reads of it. */
import type { Installation } from './installation.ts'

const lines = 25

/** `onTestFailed(postmortem(cloud))`. */
export const postmortem = (cloud: Installation) => (): void => {
  const node = (pod: string, ...command: readonly string[]): string =>
    cloud.kubectl('-n', 'openstack', 'exec', `daemonset/nova-${pod}`, '-c', pod, '--', ...command).stdout
  const log = cloud.kubectl('-n', 'openstack', 'logs', 'daemonset/nova-compute-lxc', '--tail=400').stdout
  const columns = ['ID', 'Name', 'Status', 'Task State'].flatMap((column) => ['-c', column])
  const told = [
    cloud.run('openstack', 'server', 'list', '--all-projects', '--long', '-f', 'value', ...columns).stdout,
    cloud.run('openstack', 'coe', 'cluster', 'list', '-f', 'value').stdout,
    node('libvirt-lxc', 'virsh', '-c', 'lxc:///', 'list', '--all'),
    node('libvirt-lxc', 'sh', '-c', 'cd /var/log/libvirt/lxc && tail -n 4 $(ls -t | head -n 2)'),
    log.split('\n').flatMap(messageOf).slice(-lines).join('\n'),
  ]
  process.stdout.write(`${told.join('\n')}\n`)
}

/** Of Nova itself; its clients repeat themselves. */
function messageOf(line: string): readonly string[] {
  const [, message = '', time = '', name = ''] =
    /"message": "(.*?)", "asctime": "(.*?)", "name": "(.*?)"/.exec(line) ?? []
  return name.startsWith('nova.') ? [`${time.slice(11)} ${message.slice(0, 200)}`] : []
}
