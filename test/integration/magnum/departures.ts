/** Where Croque answers otherwise than Magnum, on purpose, as far as single answers show it; `unseen.ts` has the rest. */
import type { Departure } from './compare.ts'

/** Where Magnum did something, and we did not, later answers show it. */
const nodes = { ask: /^GET \/clusters/, at: /(^|\.)(node_count|node_addresses\.\d+)$/ } as const

export const departures: readonly Departure[] = [
  {
    title: 'openstacksdk can update',
    ask: /^PATCH \/(clusters|clustertemplates)\/\{[ct]\}$/,
    body: /"op":"add","path":"\/id"/,
    magnum: { status: 400, text: /'\/id' is an internal attribute and can not be updated/ },
    croque: { status: [200, 202] },
    later: {
      ask: /^GET \/clustertemplates\/\{t\}$/,
      at: /^body\.name$/,
      values: (magnum, croque) => magnum === 'two' && croque === 'four',
    },
    reason:
      'openstacksdk 4.10 puts `add /id` with the id that the object has anyway before every change, which Magnum refuses: its `update_cluster` and `update_cluster_template` never work. Croque passes over the `add` of that id.',
  },
  {
    title: 'An upgrade needs no `max_batch_size`',
    ask: /^POST \/clusters\/\{c\}\/actions\/upgrade$/,
    magnum: { status: 500, text: /Cannot convert Unset to primitive/ },
    croque: { status: [202] },
    reason:
      'Magnum cannot send the absent field to its conductor and answers 500, although the field is optional. Croque takes 1, which is what `openstack coe cluster upgrade` sends.',
  },
  {
    title: 'What cannot be right is refused, and nothing breaks',
    ask: /^((POST|PATCH) |GET \/quotas\?)/,
    magnum: { status: 500 },
    croque: { status: [400], text: /"code":"client"/ },
    reason:
      'A body that is no object, a patch that is no list of objects, a field or an argument of a wrong type and the like end in an exception in Magnum: status 500, with a text of Python. Croque answers 400 and says what was sent and what is allowed.',
  },
  {
    title: 'What is not there is not found',
    ask: /^PATCH \/clusters\/x\/nothing$/,
    magnum: { status: 500 },
    croque: { status: [404] },
    reason: 'Magnum takes the end of the path for an argument, and stumbles over it.',
  },
  {
    title: 'Every request is answered',
    ask: /^(POST|PATCH) /,
    magnum: { status: 0 },
    croque: { status: [400], text: /Unrecognized value '.*', acceptable values are/ },
    reason:
      'Where a field takes true or false and something else is sent, the exception leaves Magnum altogether: its web server closes the connection or answers 500 without a body. Croque answers 400.',
  },
  {
    title: 'A change that cannot be made now is refused, not dropped',
    ask: /^(PATCH \/clusters\/\{c\}|POST \/clusters\/\{c\}\/actions\/resize)$/,
    magnum: { status: 202 },
    croque: { status: [400], text: /a cluster when status is .*_IN_PROGRESS.* is not supported/ },
    reason:
      'Magnum answers 202 before its conductor looks at the status of the cluster, which then drops the request without a word. Croque looks before it answers, and says 400 with the text that the conductor would have logged.',
  },
  {
    title: 'The node group that was asked for is answered whole',
    ask: /^POST \/clusters\/[^/]+\/nodegroups/,
    magnum: { status: 202 },
    croque: { status: [202] },
    at: /^body\.(created_at|updated_at|docker_volume_size|node_addresses|id|status|version|is_default|status_reason|stack_id|node_labels|node_taints|project_id|min_node_count|max_node_count)$/,
    values: (magnum) => magnum === undefined,
    reason:
      'Magnum answers before its conductor has written the node group, so the body lacks what the database adds. Croque has written it by then.',
  },
  {
    title: 'Refusals say what to do',
    ask: /^(POST|PATCH) /,
    magnum: {},
    croque: { status: [400, 404, 409] },
    at: /^body\.errors\.0\.detail$/,
    values: (magnum, croque) => beginsWith(croque, magnum),
    reason:
      'After the words of Magnum, which stay as they are, Croque says which field was meant, what there is to choose from and which command helps.',
  },
  {
    title: 'Keys of certificates are of an elliptic curve',
    ask: /^(GET|POST) \/certificates/,
    magnum: {},
    croque: { status: [200, 201] },
    at: /^body\.pem$/,
    values: (magnum, croque) => sameButKey(magnum, croque),
    reason:
      'Magnum makes RSA keys of 2048 bits, which take seconds of a processor for a cluster. Croque makes keys of the curve P-256, which are stronger and are made at once; what the certificates say otherwise is the same. What is signed for somebody lives a year and not five (`certificate_hours`), and is for clients (and servers, where it has names) unless the request says otherwise.',
  },
  {
    title: 'Bays are served until 1.10',
    ask: /^GET \/(bays|baymodels)$/,
    version: /(^| )1\.([1-9]|10)$/,
    magnum: { status: 404, text: /"title":""/ },
    croque: { status: [200], text: /^\{"(bays|baymodels)":/ },
    reason:
      'Magnum dropped bays and baymodels in its 17th release. Croque still answers clients that ask for a version with them.',
  },
  {
    title: 'Certificates name their bay until 1.10',
    ask: /^(GET|POST) \/certificates/,
    version: /(^| )1\.([1-9]|10)$/,
    magnum: {},
    croque: { status: [200, 201] },
    at: /^body\.bay_uuid$/,
    values: (magnum) => magnum === undefined,
    reason: 'Whoever asks for a version that has bays finds the name of the field there that those versions have.',
  },
  {
    title: 'Choices have an order',
    ask: /^(POST|PATCH) /,
    magnum: { status: 400, text: /Value should be one of|Unknown attributes/ },
    croque: { status: [400] },
    at: /^body\.errors\.0\.(detail|title)$/,
    values: (magnum, croque) => sameWords(magnum, croque),
    reason:
      'Magnum lists allowed values and unknown attributes in the order of a Python set, which is another in every process. Croque has one order.',
  },
  {
    title: 'A field of a wrong type is told its choices',
    ask: /^(POST|PATCH) /,
    magnum: { status: 400, text: /unhashable type/ },
    croque: { status: [400] },
    at: /^body\.errors\.0\.detail$/,
    values: (_, croque) => /Value should be one of/.test(String(croque)),
    reason:
      'Where a list or an object is sent for a word, Magnum tells of an exception of Python; Croque of the words there are.',
  },
  {
    title: 'A read-only field is named before it is read',
    ask: /^POST \/(clusters|clustertemplates|quotas|clusters\/\{c\}\/nodegroups)$/,
    magnum: { status: 400, text: /Unknown string format|Value not a valid list|Cannot set read only field/ },
    croque: { status: [400], text: /Cannot set read only field/ },
    at: /^body\.errors\.0\.(detail|title)$/,
    reason:
      'Magnum first tries to read the value of a field that nobody may set, and tells with the whole body what is wrong with it. Croque says that the field cannot be set.',
  },
  {
    title: '`swarm-mode` is an engine',
    ask: /^POST \/clustertemplates$/,
    magnum: { status: 400, text: /field\/attribute coe/ },
    croque: { status: [400] },
    at: /^body\.errors\.0\.detail$/,
    values: (magnum, croque) => croque === `${String(magnum)}, swarm-mode`,
    reason:
      'Magnum dropped Docker Swarm in its 20th release. In Croque a driver may serve it, so it is one of the choices.',
  },
  {
    title: 'What Magnum served once is told to be dead',
    ask: /^POST \/clustertemplates$/,
    body: /"coe":"(mesos|dcos|swarm)"/,
    magnum: { status: 400, text: /field\/attribute coe/ },
    croque: { status: [400], text: /gone from .*Magnum; use kubernetes/ },
    at: /^body\.errors\.0\.(detail|title)$/,
    reason:
      'Mesos, DC/OS and standalone Swarm are dead upstream. Croque says so, and what to use, in the first sentence: clients show no other.',
  },
  {
    title: 'A type that no driver serves is told what is served',
    ask: /^POST \/clustertemplates$/,
    magnum: { status: 400, text: /Cluster type \(vm, windows, kubernetes\) not supported/ },
    croque: { status: [400], text: /not supported; served here/ },
    at: /^body\.errors\.0\.(detail|title)$/,
    values: (magnum, croque) => String(croque).startsWith(String(magnum).replace(/\.$/, '')),
    reason: 'Magnum says what cannot be. Croque goes on with what can.',
  },
  {
    title: '`swarm-mode` needs a driver, not only a name',
    ask: /^POST \/clustertemplates$/,
    body: /"coe":"swarm-mode"/,
    magnum: { status: 400, text: /field\/attribute coe/ },
    croque: { status: [400], text: /swarm-mode\) not supported/ },
    at: /^body\.errors\.0\.(detail|title)$/,
    reason: 'Magnum knows no such engine. Croque does, and says that no driver serves it.',
  },
  {
    title: 'An image that is not there is not called an unsupported type',
    ask: /^POST \/clustertemplates$/,
    magnum: { status: 400, text: /Cluster type \(vm, (Unset|None), kubernetes\) not supported/ },
    croque: {
      status: [400, 409],
      text: /Image .* could not be found|Image .* doesn't contain os_distro|Multiple images exist|image_id.*Mandatory field missing/,
    },
    at: /^(status|body\.errors\.0\.(detail|title|status))$/,
    reason:
      'Magnum looks for a driver before it looks whether the image was found, and speaks of the type of the cluster. Croque says that the image is missing, that there are several of the name (409), or that it has no `os_distro`.',
  },
  {
    title: '`updated_at` is when somebody changed it',
    ask: /(^GET|^PATCH|^POST) \/clusters|^GET \/bays/,
    magnum: {},
    croque: { status: [200, 202] },
    at: /(^|\.)updated_at$/,
    values: (magnum, croque) => magnum === '{date}' && croque === null,
    reason:
      'In Magnum every note that the conductor makes of a cluster or a node group is a change of it. Croque shows when somebody last wished something of it; nothing before the first change.',
  },
  {
    title: 'The answer to a change of a template says when it was',
    ask: /^PATCH \/clustertemplates/,
    magnum: { status: 200 },
    croque: { status: [200] },
    at: /^body\.updated_at$/,
    values: (magnum, croque) => magnum === null && croque === '{date}',
    reason: 'Magnum answers with the template as it was before its database added the moment.',
  },
  {
    title: 'Labels that nothing reads are told',
    ask: /^(GET|POST|PATCH) \/clusters/,
    magnum: {},
    croque: { status: [200, 202] },
    at: /(^|\.)status_reason$/,
    values: (magnum, croque) => magnum === null && /is unknown and has no effect|^Waiting for /.test(String(croque)),
    reason:
      'A label with a slip of the pen in it is taken by Magnum without a word. Croque takes it too, and tells of it where whoever looks at the cluster finds it, as it tells what is waited for.',
  },
  {
    title: 'OPTIONS is a method that nothing has',
    ask: /^OPTIONS /,
    magnum: { status: 200 },
    croque: { status: [405] },
    reason:
      'For CORS Magnum answers every OPTIONS with an empty 200, also for paths that are none. In Croque that is the matter of the gateway in front of it.',
  },
  {
    title: 'Every answer has an id of its request',
    ask: /^GET \/\/healthcheck$/,
    magnum: { status: 200 },
    croque: { status: [200] },
    at: /^headers\.x-openstack-request-id$/,
    values: (magnum) => magnum === undefined,
    reason: 'Also those that need no token.',
  },
  {
    title: 'A slash at the end changes nothing',
    ask: /^GET \/\/v1\/clusters\/detail\/$/,
    magnum: { status: 404, text: /%\(name\)s/ },
    croque: { status: [200] },
    reason: 'Magnum answers with a text whose blanks nobody filled in.',
  },
  {
    title: 'A percent sign has two digits behind it',
    ask: /^GET \/\/v1\/clusters\/%$/,
    magnum: {},
    croque: { status: [400], text: /is not a valid url component/ },
    reason: 'Magnum reads the path as if the sign was not there, and answers with the list.',
  },
  {
    title: 'An encoded slash is part of a name',
    ask: /^GET \/\/v1\/clusters\/a%2Fb$/,
    as: ['member'],
    magnum: { status: 404, text: /"title":""/ },
    croque: { status: [404], text: /Cluster a\/b could not be found/ },
    reason: 'Magnum reads it as a path of two parts.',
  },
  {
    title: 'A path with dots is what it says and no other',
    ask: /^GET \/\/v1\/\.\.\/v1$/,
    magnum: { status: 200 },
    croque: { status: [401, 404] },
    reason: 'Magnum goes up the path and answers for another.',
  },
  {
    title: 'What is no token of a project sees no project',
    ask: /^GET \/(clusters|clustertemplates|stats)(\/\{[ct]\})?$/,
    as: ['system'],
    magnum: { status: 200 },
    croque: { status: [403], text: /Policy doesn't allow (cluster|clustertemplate|stats):get/ },
    reason:
      'The default rules of Magnum are declared for tokens of projects only, and its code forgets to tell oslo.policy that a token is of the system. Croque enforces what the rules declare (`oslo_policy.enforce_scope`).',
  },
  {
    title: 'Null is as if it was not sent',
    ask: /^POST \/(clusters|clustertemplates|clusters\/[^/]+\/nodegroups)$/,
    body: /":null/,
    magnum: { status: 500 },
    croque: { status: [201, 202] },
    later: nodes,
    reason: 'Clients send null for options that nobody gave. Magnum breaks; Croque takes the default.',
  },
  {
    title: 'A template needs no flavor',
    ask: /^POST \/clustertemplates$/,
    body: /"(master_)?flavor_id":null/,
    magnum: { status: 400, text: /Unable to find flavor None/ },
    croque: { status: [201] },
    reason: 'Magnum takes templates without the field, and with null in it looks for a flavor called None.',
  },
  {
    title: 'A flavor that stays is told so',
    ask: /^PATCH \/clustertemplates\//,
    body: /"op":"remove"/,
    magnum: { status: 400, text: /Unable to find flavor Unset/ },
    croque: { status: [400], text: /is a mandatory attribute and can not be removed/ },
    at: /^body\.errors\.0\.(detail|title)$/,
    reason: 'A template that has a flavor keeps one. Magnum looks for a flavor called Unset.',
  },
  {
    title: 'No node labels and no taints are empty',
    ask: /^(POST|PATCH) \/clusters\/[^/]+\/nodegroups/,
    magnum: { status: 202 },
    croque: { status: [202] },
    at: /^body\.node_(labels|taints)$/,
    values: (magnum, croque) => magnum === null && Object.keys(croque ?? { none: '' }).length === 0,
    reason: 'Magnum keeps apart what was never set, what was set to nothing, and what was taken away.',
  },
  {
    title: 'What was just begun has its status',
    ask: /^(GET|PATCH) \/clusters\/[^/]+\/nodegroups/,
    magnum: {},
    croque: { status: [200, 202] },
    at: /^body\.(nodegroups\.\d+\.)?status$/,
    values: (magnum, croque) =>
      /^(CREATE|UPDATE)_COMPLETE$/.test(String(magnum)) && /^UPDATE_(IN_PROGRESS|COMPLETE)$/.test(String(croque)),
    reason:
      'Magnum answers a change of a node group with the status from before it, and never notes it for changes that its driver leaves to the cluster. In Croque the status is of the wish that was just taken.',
  },
  {
    title: 'The type of an authority is one of those there are',
    ask: /^GET \/certificates\/\{c\}\?ca_cert_type=/,
    magnum: { status: 200 },
    croque: { status: [400], text: /ca_cert_type is '.*'; it may be/ },
    reason: 'Magnum gives the authority of Kubernetes to whoever asks for another and slips.',
  },
  {
    title: 'A signing request is looked at before it is signed',
    ask: /^POST \/certificates$/,
    magnum: { status: 201 },
    croque: { status: [400], text: /Received invalid csr|ca_cert_type/ },
    reason:
      'Magnum signs short keys, SHA-1, requests that name nobody, the first of several, and for an authority that there is not. Croque refuses all of them and says why.',
  },
  {
    title: 'A signing request that is refused is told why',
    ask: /^POST \/certificates$/,
    magnum: { status: 400 },
    croque: { status: [400], text: /Received invalid csr|ca_cert_type|cluster_uuid/ },
    at: /^body\.errors\.0\.(detail|title)$/,
    reason: 'Magnum shows bytes of Python and the words of OpenSSL.',
  },
  {
    title: 'A member takes no POST',
    ask: /^POST \/(clusters|clustertemplates)\/(x|\{t\})$/,
    magnum: { status: 400, text: /takes 1 positional argument/ },
    croque: { status: [405] },
    reason: 'Magnum takes the name in the path for the body. Croque answers 405.',
  },
  {
    title: 'A name has no line break at its end',
    ask: /^POST \/clusters$/,
    body: /"name":"least\\n"/,
    magnum: { status: 202 },
    croque: { status: [400], text: /field\/attribute name.*should match the pattern/ },
    reason: 'In a pattern of Python `$` lets one pass.',
  },
  {
    title: 'A volume is not smaller than nothing',
    ask: /^POST \/clusters$/,
    body: /"boot_volume_size":"-1"/,
    magnum: { status: 202 },
    croque: { status: [400], text: /boot_volume_size is .*; a whole number from 0 is expected/ },
    reason: 'Magnum takes the label, and the cluster fails later.',
  },
  {
    title: 'A node to remove is named',
    ask: /^POST \/clusters\/\{c\}\/actions\/resize$/,
    body: /"nodes_to_remove":\[null\]/,
    magnum: { status: 202 },
    croque: { status: [400], text: /field\/attribute nodes_to_remove/ },
    reason: 'Magnum hands null to its driver.',
  },
  {
    title: 'The image of a node group is there',
    ask: /^POST \/clusters\/\{c\}\/nodegroups$/,
    body: /"image_id":"/,
    magnum: { status: 202 },
    croque: { status: [400], text: /Image .* could not be found\. It was sent as image_id/ },
    later: nodes,
    reason: 'Magnum does not look for it, and the node group fails later.',
  },
  {
    title: 'A driver that is not there is refused with the template',
    ask: /^POST \/clustertemplates$/,
    body: /"driver":"nobodys"/,
    magnum: { status: 201 },
    croque: { status: [400], text: /not supported/ },
    reason: 'Magnum makes the template, and every cluster of it fails.',
  },
  {
    title: 'A template names a driver where somebody named one',
    ask: /^POST \/clustertemplates$/,
    magnum: { status: 201 },
    croque: { status: [201] },
    at: /^body\.driver$/,
    values: (magnum, croque) => magnum === 'croque_oracle' && croque === null,
    reason:
      'Magnum 23 writes down which driver it found (22 does not), and no other ever serves the template. In Croque it is looked for when a cluster is made.',
  },
  {
    title: 'Cilium is a network driver',
    ask: /^POST \/clustertemplates$/,
    body: /"network_driver":"cilium"/,
    magnum: { status: 400, text: /Network driver type cilium is not allowed/ },
    croque: { status: [201] },
    reason: 'The drivers of Croque bring it.',
  },
  {
    title: 'What cannot be changed is not looked up',
    ask: /^PATCH \/clusters\/\{c\}$/,
    body: /"path":"\/(master_)?flavor_id"/,
    magnum: { status: 400, text: /Unable to find flavor/ },
    croque: { status: [400], text: /cannot change cluster property/ },
    at: /^body\.errors\.0\.(detail|title)$/,
    reason: 'Magnum looks for the flavor first, and refuses the change only when it is there.',
  },
  {
    title: 'Places in a text are counted in characters',
    ask: /^PATCH \/(clusters|clustertemplates)\//,
    magnum: { status: 400, text: /malformed node or string on line|invalid syntax|was never closed/ },
    croque: { status: [400], text: /malformed node or string at character/ },
    at: /^body\.errors\.0\.detail$/,
    reason: 'Magnum tells of a node of the syntax tree of Python with its address in memory.',
  },
  {
    title: 'Masters are resized as they are made',
    ask: /^POST \/clusters\/\{c\}\/actions\/resize$/,
    body: /"nodegroup":"default-master"/,
    magnum: { status: 400, text: /Resizing the master nodegroup is not supported by this driver/ },
    croque: { status: [400], text: /master_count must be 1|cannot be an even number/ },
    at: /^body\.errors\.0\.(detail|title)$/,
    reason:
      'Magnum leaves it to the driver. In Croque odd numbers are taken, more than one behind a load balancer only, and the refusal says so.',
  },
  {
    title: 'An upgrade says what it lacks',
    ask: /^POST \/clusters\/\{c\}\/actions\/upgrade$/,
    magnum: { status: 404, text: /ClusterTemplate None/ },
    croque: { status: [400], text: /cluster_template is missing/ },
    at: /^(status|body\.errors\.0\.(detail|title|status))$/,
    reason: 'Magnum looks for a template called None.',
  },
  {
    title: 'The refusal of a rotation names what was asked',
    ask: /^PATCH \/credentials\/\{c\}$/,
    magnum: { status: 400, text: /magnum\.conductor\.handlers/ },
    croque: { status: [400], text: /Rotating the credential/ },
    at: /^body\.errors\.0\.(detail|title)$/,
    reason: 'Magnum names a module of Python.',
  },
  {
    title: 'The policy comes first',
    ask: /^POST \/clusters$/,
    as: ['otherreader', 'system'],
    magnum: { status: 404, text: /ClusterTemplate .* could not be found/ },
    croque: { status: [403], text: /Policy doesn't allow cluster:create/ },
    at: /^(status|body\.errors\.0\.(detail|title|status))$/,
    reason: 'Who may make no cluster learns nothing of templates.',
  },
  {
    title: 'Administrators change templates of others',
    ask: /^PATCH \/clustertemplates\/\{t\}$/,
    as: ['admin'],
    magnum: { status: 404, text: /ClusterTemplate \{t\} could not be found/ },
    croque: { status: [200, 400] },
    later: { ask: /^GET \/clustertemplates\/\{t\}$/, at: /^body\.(public|tags)$/ },
    reason:
      'Magnum has a rule for it (`clustertemplate:update_all_projects`) and asks it, but then looks for the template in the project of the administrator only.',
  },
  {
    title: 'A change of a template in use that changes nothing is taken',
    ask: /^PATCH \/clustertemplates\/\{t\}$/,
    magnum: { status: 400, text: /is referenced by one or multiple clusters/ },
    croque: { status: [200] },
    reason: 'Nothing happens to the clusters.',
  },
  {
    title: 'Templates without labels have none',
    ask: /^PATCH \/clustertemplates\//,
    body: /"path":"\/labels"/,
    magnum: { status: 200 },
    croque: { status: [200] },
    at: /^body\.labels$/,
    values: (magnum, croque) => magnum === null && JSON.stringify(croque) === '{}',
    reason: 'A patch that removes them leaves null in Magnum, which is neither labels nor none.',
  },
  {
    title: 'The distribution is that of the image',
    ask: /^PATCH \/clustertemplates\//,
    body: /"path":"\/image_id"/,
    magnum: { status: 200 },
    croque: { status: [200] },
    at: /^body\.cluster_distro$/,
    values: (magnum, croque) => magnum === 'fedora-coreos' && croque === 'croque',
    later: {
      ask: /^(PATCH|GET) \/clustertemplates\//,
      at: /^body\.cluster_distro$/,
      values: (magnum, croque) => magnum === 'fedora-coreos' && croque === 'croque',
    },
    reason:
      'It says which driver makes the cluster. Magnum leaves it at that of the old image when a template gets another.',
  },
  {
    title: 'A template gets no image that no driver serves',
    ask: /^PATCH \/clustertemplates\//,
    body: /"path":"\/image_id"/,
    magnum: { status: 200 },
    croque: { status: [400], text: /Cluster type \(.*\) not supported/ },
    later: {
      ask: /^(PATCH|GET) \/clustertemplates\//,
      at: /^body\.image_id$/,
      values: (magnum, croque) => magnum === 'windows' && croque === 'croque',
    },
    reason: 'Magnum 23 refuses to make such a template and takes the change all the same; every cluster of it fails.',
  },
  {
    title: 'What the service says of a node group is not taken from the caller',
    ask: /^POST \/clusters\/[^/]+\/nodegroups$/,
    body: /"(status|status_reason|version|is_default)":/,
    magnum: { status: 202 },
    croque: { status: [202] },
    at: /^body\.(status|status_reason|version|is_default)$/,
    values: (_, croque) => croque === null || croque === false || croque === 'CREATE_IN_PROGRESS',
    reason:
      'Magnum takes a status, a version and whether the group is a default one from the body. Croque passes over them.',
  },
  {
    title: 'A missing argument is told before a missing cluster',
    ask: /^PATCH \/clusters\/x$/,
    magnum: { status: 404 },
    croque: { status: [400], text: /Missing argument/ },
    reason: 'A patch without a body can be of no cluster.',
  },
  {
    title: 'A new credential is an update',
    ask: /^GET \/clusters\/\{c\}$/,
    magnum: { status: 200 },
    croque: { status: [200] },
    at: /^body\.status$/,
    values: (magnum, croque) => magnum === 'CREATE_COMPLETE' && croque === 'UPDATE_COMPLETE',
    reason:
      'Magnum leaves the status of a cluster alone when its credential is rotated, so nobody can see whether it was done.',
  },
  {
    title: 'A body in a wrapper is told what does not belong there',
    ask: /^POST \/clusters$/,
    body: /^\{"cluster":/,
    magnum: { status: 400, text: /takes 1 positional argument/ },
    croque: { status: [400], text: /Unknown attribute/ },
    at: /^body\.errors\.0\.(detail|title)$/,
    reason: 'Magnum tells of the arguments of a function of Python.',
  },
  {
    title: 'NaN is no JSON',
    ask: /^POST \/clustertemplates$/,
    body: /NaN/,
    magnum: { status: 400, text: /nan/ },
    croque: { status: [400], text: /not in valid JSON/ },
    at: /^body\.errors\.0\.(detail|title)$/,
    reason: 'The reader of Python takes it; RFC 8259 has no such number.',
  },
]

/** A sentence of ours begins with Magnum's. */
const beginsWith = (ours: unknown, theirs: unknown): boolean =>
  typeof ours === 'string' && typeof theirs === 'string' && ours.startsWith(`${theirs} `)

/** Usages that the request named have to be the same. */
const sameButKey = (theirs: unknown, ours: unknown): boolean => {
  const named = String(theirs).includes('"usages"')
  return withoutKey(theirs) === withoutKey(named ? ours : String(ours).replace(/,"usages":\[[^\]]*\]/, ''))
}

const withoutKey = (pem: unknown): string =>
  String(pem)
    .replaceAll(/"(days|key)":(\d+|"[a-z0-9]+"),?/g, '')
    .replace(/(sha256WithRSAEncryption|ecdsa-with-SHA256)/, 'SHA256')

const sameWords = (theirs: unknown, ours: unknown): boolean => sorted(theirs) === sorted(ours)

const sorted = (text: unknown): string =>
  String(text)
    .split(/[\s,]+/)
    .sort()
    .join(' ')
