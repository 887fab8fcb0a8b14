/** Users of the images: the numeric ids of Kolla's images, so that one catalog drives both. Source: `kolla/common/users.py`. */
export const users = {
  root: 0,
  ansible: 42401,
  cinder: 42407,
  glance: 42415,
  heat: 42418,
  horizon: 42420,
  keystone: 42425,
  mysql: 42434,
  neutron: 42435,
  nova: 42436,
  rabbitmq: 42439,
  haproxy: 42454,
  memcached: 42457,
  placement: 42482,
  // Ours alone: Kolla has no such image.
  croque: 42300,
  // Debian's number: its packages make the user, as Kolla's own do.
  ceph: 64045,
} as const satisfies Record<string, number>

export type UserName = keyof typeof users
