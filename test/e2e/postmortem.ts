/** What a failed test of container guests prints, since the cloud is gone when somebody reads of it. */
import type { Installation } from './installation.ts'

const lines = 25

/** `onTestFailed(postmortem(cloud))`. */
export const postmortem = (cloud: Installation) => (): void => {
  const place = ['-n', 'openstack', 'exec', 'daemonset/nova-libvirt-lxc', '-c', 'libvirt-lxc', '--']
  const guests = 'virsh -c lxc:/// list --all; cd /var/log/libvirt/lxc && tail -n 4 $(ls -t | head -n 2)'
  const log = cloud.kubectl('-n', 'openstack', 'logs', 'daemonset/nova-compute-lxc', '--tail=400').stdout
  const columns = ['ID', 'Name', 'Status', 'Task State'].flatMap((column) => ['-c', column])
  const told = [
    cloud.run('openstack', 'server', 'list', '--all-projects', '--long', '-f', 'value', ...columns).stdout,
    cloud.run('openstack', 'coe', 'cluster', 'list', '-f', 'value').stdout,
    cloud.kubectl(...place, 'sh', '-c', guests).stdout,
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
