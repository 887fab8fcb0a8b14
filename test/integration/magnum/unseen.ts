/** Departures that no single answer shows: it takes two at once, a state of a cluster that the driver of the comparison never reaches, or a look elsewhere. */

export interface Unseen {
  readonly request: string
  readonly magnum: string
  readonly croque: string
  readonly reason: string
}

export const unseen: readonly Unseen[] = [
  {
    request: 'PATCH, upgrade, CA rotation from `UPDATE_FAILED`; anything from `ROLLBACK_FAILED`',
    magnum: '400, or dropped',
    croque: 'taken',
    reason: 'What failed can be tried again.',
  },
  {
    request: 'anything while a CA or a credential is being rotated',
    magnum: 'taken, and the rotation is lost',
    croque: '400',
    reason: 'A rotation ends before something else begins.',
  },
  {
    request: 'PATCH of health in any status',
    magnum: 'dropped outside `*_COMPLETE`',
    croque: 'noted; the status stays',
    reason: 'Health is a report, not a wish.',
  },
  {
    request: 'health of a cluster',
    magnum: 'the matter of the driver, which may not look',
    croque: 'every driver is asked more than twice a minute',
    reason: 'Somebody looks.',
  },
  {
    request: 'concurrent changes of one cluster',
    magnum: 'the last write wins, half of each',
    croque: 'one wins; the others are decided anew and get the status of a wrong state, or 409 after two lost rounds',
    reason: 'Nothing is half-written.',
  },
  {
    request:
      'upgrade back, over more than one minor version, with nodes that would be more than three behind, or to another `coe`, `server_type`, `network_driver`, `tls_disabled`',
    magnum: 'taken, ends in `UPDATE_FAILED`',
    croque: '409 that says what is allowed and what to type',
    reason: 'Kubernetes does not allow it.',
  },
  {
    request: 'upgrade to a template whose image is gone',
    magnum: 'taken, ends in `UPDATE_FAILED`',
    croque: '400',
    reason: 'It cannot work.',
  },
  {
    request: 'upgrade',
    magnum: 'labels of the Heat driver: `kube_tag`',
    croque: 'all labels of the template that end in `_tag` or `_version`',
    reason: 'Every version of the new template belongs to it.',
  },
  {
    request: 'create without any flavor but with `boot_volume_size`',
    magnum: 'taken, with a made-up flavor',
    croque: '400',
    reason: 'There is no default flavor.',
  },
  {
    request:
      'create with a label or an option that the driver cannot serve, or that cannot be read: `docs/reference/labels.md` says which',
    magnum: 'taken; dropped, or fails on the nodes',
    croque: '400 that says why',
    reason: 'A cluster is as it was asked for, or is not made.',
  },
  {
    request: 'create with a key pair',
    magnum: 'its name goes to Nova, in the name of the person',
    croque: 'its text is kept with the cluster and goes to nodes by user data',
    reason: 'Nova shows a key pair to nobody else, and a cluster outlives its maker.',
  },
  {
    request: 'label `max_node_count` of a cluster',
    magnum: 'read by the autoscaler of the cluster',
    croque: '`max_node_count` of `default-worker`',
    reason: 'It is a bound of that group, and a stock autoscaler reads it there.',
  },
  {
    request: 'create of a bay over the quota',
    magnum: 'taken',
    croque: '403',
    reason: 'A quota is a promise.',
  },
  {
    request: 'a node group that another wish comes on top of while it is deleted',
    magnum: 'may stay',
    croque: 'goes',
    reason: 'It was wished.',
  },
  {
    request: '`id` of a node group',
    magnum: 'counts rows',
    croque: 'microseconds since 1970 when it was made',
    reason: 'There are no rows.',
  },
  {
    request: 'CA while a rotation is under way',
    magnum: 'the new one',
    croque: 'both, one after the other',
    reason: 'Nodes trust both until all have followed.',
  },
  {
    request: 'notifications',
    magnum: 'none of node groups, upgrades that succeed in being asked, rotations',
    croque: '`magnum.cluster.update` for each',
    reason: 'Each is a change of the cluster.',
  },
  {
    request: 'numbers beyond 2^53',
    magnum: '500, or no answer',
    croque: '400 that says so',
    reason: 'JSON here has one kind of number.',
  },
  {
    request: 'a number written as `1.0` in labels, or in a patch',
    magnum: '`1.0`; refused',
    croque: '`1`; taken',
    reason: 'JSON here has one kind of number.',
  },
  {
    request: 'a patch below an attribute that is not there',
    magnum: 'the message holds the whole object',
    croque: "`member 'x' not found`",
    reason: "It is not the caller's to see.",
  },
  {
    request: 'a value that stands in a message',
    magnum: 'whole',
    croque: 'cut after 2000 characters',
    reason: 'Whoever sends a megabyte knows what it was.',
  },
  {
    request: 'bodies over 256 KiB, or nested more than 20 levels',
    magnum: 'read',
    croque: '413; 400',
    reason: 'Reading costs.',
  },
  {
    request: 'too many requests',
    magnum: 'served',
    croque: '429 with `Retry-After`, where a limit is configured',
    reason: 'One caller must not be all.',
  },
  {
    request: 'an error nobody expected',
    magnum: 'its text',
    croque: '500 that names the log',
    reason: 'Texts of errors hold what callers may not see.',
  },
  {
    request: 'bad drivers of a template, by somebody who may make none',
    magnum: '400',
    croque: '403',
    reason: 'The policy comes first.',
  },
  {
    request: "a project's quota, by somebody who may not set it",
    magnum: '404 or 403, by whether the project is there',
    croque: '403',
    reason: 'The policy comes first.',
  },
]
