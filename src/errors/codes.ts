/** The table of permanent error codes. Codes are never renamed or reused; keep the table sorted. */
interface CodeEntry {
  readonly class: 'user' | 'outside' | 'bug'
  readonly title: string
  readonly next: string
}

export const codes = {
  'action-unknown': {
    class: 'bug',
    title: 'A step of the rendering has no program behind it',
    next: 'Please report it with this output and your document.',
  },
  'already-running': {
    class: 'user',
    title: 'Another croque is working on this installation',
    next: 'Wait until it has ended, or end it; then run the same command again.',
  },
  'argument-invalid': {
    class: 'user',
    title: 'The command line has an error',
    next: 'See `./croque help COMMAND` for what is allowed; nothing was touched.',
  },
  'cgroup-busy': {
    class: 'outside',
    title: 'A control group of ours cannot be removed',
    next: 'Wait until the machine is less busy and run the same command again; it goes on from where it was.',
  },
  'checksum-mismatch': {
    class: 'outside',
    title: 'A downloaded file is not what it should be',
    next: 'Run the same command again; when it happens again, something between this machine and the server changes files.',
  },
  'cluster-failed': {
    class: 'outside',
    title: 'A cluster went into a failed state',
    next: 'Read the reason above; `./croque cluster show NAME` tells more.',
  },
  'cluster-not-ready': {
    class: 'outside',
    title: 'A cluster cannot be used yet',
    next: 'See `./croque cluster show NAME` for what it waits for, and try again.',
  },
  'cluster-refused': {
    class: 'user',
    title: 'The API of clusters refused a request',
    next: 'Read its reason above; nothing was changed.',
  },
  'cluster-unknown': {
    class: 'user',
    title: 'There is no such cluster',
    next: 'See `./croque cluster list`; `./croque cluster create NAME` makes one.',
  },
  'clusters-not-offered': {
    class: 'user',
    title: 'The cloud offers no clusters',
    next: 'Give it hosts for the nodes of clusters (`./croque up` with spec.underlay.lxcNodes left out or 1; `./croque status` says why, where this machine has none), or make a cluster template yourself.',
  },
  'clusters-stale': {
    class: 'outside',
    title: 'What is known of clusters may be older than what was written',
    next: 'Try again in a moment; when it stays, look whether the API server of the underlay answers: `kubectl get --raw /readyz`.',
  },
  'command-failed': {
    class: 'outside',
    title: 'A program that croque ran on this machine failed',
    next: 'Read the last lines of its output above; when it is put right, run the same command again.',
  },
  'command-unknown': {
    class: 'user',
    title: 'There is no such command',
    next: 'See `./croque help` for all commands.',
  },
  'config-invalid': {
    class: 'user',
    title: 'A configuration file has errors',
    next: 'Correct the places listed, and start it again.',
  },
  'data-held': {
    class: 'user',
    title: 'The document would take away what holds data',
    next: 'Put it back into the document, or take it away by hand as said above.',
  },
  'dependencies-stale': {
    class: 'outside',
    title: 'The installed packages are not those of the lock file',
    next: 'Run the same command again by `./croque`, which installs them; or remove node_modules first.',
  },
  'dependency-cycle': {
    class: 'bug',
    title: 'Things need each other in a circle',
    next: 'Please report it with this output and your document.',
  },
  'dependency-unknown': {
    class: 'bug',
    title: 'A thing needs another that does not exist',
    next: 'Please report it with this output and your document.',
  },
  'disk-full': {
    class: 'outside',
    title: 'The disk is full',
    next: 'Make space on the file system that is named above (`./croque down --purge` empties the caches), and run the same command again.',
  },
  'docs-stale': {
    class: 'user',
    title: 'The reference pages are not what the tables say',
    next: 'Run `./croque docs` and commit what it wrote.',
  },
  'document-invalid': {
    class: 'user',
    title: 'The Cloud document has errors',
    next: 'Correct the places listed; nothing was touched.',
  },
  'document-missing': {
    class: 'user',
    title: 'The Cloud document cannot be read',
    next: 'Check the path given with --file.',
  },
  'download-failed': {
    class: 'outside',
    title: 'A file could not be downloaded',
    next: 'Look at the network and the proxy settings; then run the same command again.',
  },
  'image-not-built': {
    class: 'user',
    title: 'An image has not been built on this machine',
    next: 'Run `./croque image build`; `./croque image list` shows what is there.',
  },
  'image-not-imported': {
    class: 'outside',
    title: 'The container runtime did not take an image',
    next: 'Run the same command again; with `./croque image build` the image is made anew.',
  },
  'image-not-pushed': {
    class: 'user',
    title: 'The registry does not have an image of this version',
    next: 'Run `./croque image push` with the same document, and the same command again.',
  },
  internal: {
    class: 'bug',
    title: 'A bug in croque',
    next: 'Please report it with this output. Running the same command again is safe.',
  },
  interrupted: {
    class: 'user',
    title: 'The command was interrupted',
    next: 'Run the same command again; it goes on from where it was.',
  },
  'kube-busy': {
    class: 'outside',
    title: 'The API server is too busy',
    next: 'Wait a little and run the same command again; it goes on from where it was.',
  },
  'kube-conflict': {
    class: 'outside',
    title: 'Somebody else changed the same object at the same time',
    next: 'Run the same command again; it looks at what is there now.',
  },
  'kube-expired': {
    class: 'outside',
    title: 'The API server no longer has the version that was asked for',
    next: 'Run the same command again; it reads everything anew.',
  },
  'kube-failed': {
    class: 'outside',
    title: 'The API server failed',
    next: 'Look at `./croque status`; when the underlay is healthy, run the same command again.',
  },
  'kube-forbidden': {
    class: 'outside',
    title: 'The API server does not allow it',
    next: 'Check the rights of the credentials in use, and quotas and admission policies of the underlay.',
  },
  'kube-invalid': {
    class: 'bug',
    title: 'The API server found an object wrong',
    next: 'Please report it with this output and your document.',
  },
  'kube-not-found': {
    class: 'outside',
    title: 'Something is not in the underlay',
    next: 'See `./croque status`; `./croque up` makes what is missing.',
  },
  'kube-unauthorized': {
    class: 'outside',
    title: 'The API server does not accept the credentials',
    next: 'Run `./croque up` to have them renewed, or check the kubeconfig given.',
  },
  'kube-unknown-kind': {
    class: 'outside',
    title: 'The API server does not know a kind',
    next: 'Install what defines the kind in the underlay, or take an underlay that has it.',
  },
  'kube-unreachable': {
    class: 'outside',
    title: 'The API server of the underlay does not answer',
    next: 'Run `./croque up`: it brings a stopped underlay back. For a cluster of your own, check that it runs.',
  },
  'kubeconfig-invalid': {
    class: 'user',
    title: 'The kubeconfig cannot be used',
    next: 'Correct the file, or name another one in spec.underlay.kubeconfig or KUBECONFIG; nothing was touched.',
  },
  'mount-in-the-way': {
    class: 'outside',
    title: 'A directory is not removed because something is mounted in it',
    next: 'Unmount what is named above, then run the same command again.',
  },
  'node-not-drained': {
    class: 'outside',
    title: 'Something on the node cannot go elsewhere',
    next: 'Run the same command again: it goes on from where it was; `./croque node uncordon` takes the node back.',
  },
  'node-not-started': {
    class: 'outside',
    title: 'A node of the underlay did not start',
    next: 'Read the lines above; run the same command again, it goes on where it stopped.',
  },
  'openstack-bad-answer': {
    class: 'outside',
    title: 'An OpenStack service answered with something unexpected',
    next: 'Look at the log of the service (`./croque logs SERVICE`); the release may be one that croque does not know.',
  },
  'openstack-call-failed': {
    class: 'outside',
    title: 'A call to an OpenStack service failed',
    next: 'Read the message of the service above; its log (`./croque logs SERVICE`) has more under the request id.',
  },
  'openstack-endpoint-missing': {
    class: 'outside',
    title: 'A service is not in the Keystone catalog',
    next: 'Run `./croque up`: it registers the endpoints of all enabled services.',
  },
  'openstack-login-refused': {
    class: 'outside',
    title: 'Keystone refused the login',
    next: 'Run `./croque up` to put the user and its password back, or check the credentials given.',
  },
  'openstack-resource-failed': {
    class: 'outside',
    title: 'A resource in the cloud went into an error state',
    next: 'Read the fault above; run `./croque up` again to have it replaced.',
  },
  'openstack-unreachable': {
    class: 'outside',
    title: 'An OpenStack service cannot be reached',
    next: 'Look whether its Pods run (`./croque status`), then run the same command again.',
  },
  'openstack-wait-expired': {
    class: 'outside',
    title: 'The cloud did not get there in time',
    next: 'See `./croque status`; running the same command again goes on from here.',
  },
  'option-unreadable': {
    class: 'user',
    title: 'A configuration file cannot be read',
    next: 'Correct the line named.',
  },
  'option-unwritable': {
    class: 'user',
    title: 'A configuration option cannot be written',
    next: 'Change the value or the name in the document.',
  },
  'port-in-use': {
    class: 'outside',
    title: 'A port of this machine is taken',
    next: 'End the program that listens there, or choose another port in the document, then run the same command again.',
  },
  'preflight-failed': {
    class: 'outside',
    title: 'This machine lacks something that is needed',
    next: 'Put right what is listed above; nothing was changed.',
  },
  'registry-auth-unreadable': {
    class: 'user',
    title: 'A container auth file cannot be used',
    next: 'Write it anew with `podman login` or `docker login`; an `auths` entry with USER:PASSWORD in base64 is needed, no helper is asked.',
  },
  'registry-failed': {
    class: 'outside',
    title: 'The registry did not do what it was asked',
    next: "Read the registry's own words above and its log; a repository may have to be made, or a limit be raised.",
  },
  'registry-lost': {
    class: 'outside',
    title: 'The registry broke off in the middle',
    next: 'When it runs again, run the same command again: only what is missing is sent.',
  },
  'registry-refused': {
    class: 'user',
    title: 'The registry refused the credentials',
    next: 'Log in with `podman login` or `docker login`, which write one of the files named above, and run the same command again.',
  },
  'registry-unreachable': {
    class: 'outside',
    title: 'The registry cannot be reached',
    next: 'Check its name and port in spec.images.registry, that it speaks TLS, and the proxy settings; then run the same command again.',
  },
  'run-locked': {
    class: 'user',
    title: 'Another `up` is at work on the same cloud',
    next: 'Wait until it has ended, then run the same command again.',
  },
  'run-timeout': {
    class: 'outside',
    title: 'The whole run took longer than it may',
    next: 'Run `./croque up` again: it goes on from where it was. spec.timeouts.total gives it more time.',
  },
  'secret-incomplete': {
    class: 'outside',
    title: 'A generated Secret holds only half of a key pair',
    next: 'Put the missing half back, or delete both keys from the Secret to have new ones made.',
  },
  'secret-missing': {
    class: 'outside',
    title: 'A Secret that croque made is not there',
    next: 'Run `./croque up`: it makes what is missing.',
  },
  'servers-left': {
    class: 'user',
    title: 'There are servers in the cloud that would be lost',
    next: 'Delete them first, or run `./croque down --yes`.',
  },
  'tests-failed': {
    class: 'user',
    title: "The project's own tests failed",
    next: 'Read the failures above; `./croque test --level LEVEL FILTER` repeats a part.',
  },
  'underlay-absent': {
    class: 'user',
    title: 'The cloud is not on this machine',
    next: 'Run `./croque up`, or name the cloud with --name or --file.',
  },
  'underlay-not-ready': {
    class: 'outside',
    title: 'The underlay did not become ready in time',
    next: 'Run the same command again; `./croque status` tells what is missing.',
  },
  'unit-failed': {
    class: 'outside',
    title: 'A part of the cloud failed',
    next: 'Read the log lines above; after mending it run `./croque up` again, it goes on from there.',
  },
  'unit-timeout': {
    class: 'outside',
    title: 'A part of the cloud was not ready in time',
    next: 'Read what it waited for above; `./croque up` again goes on waiting from there.',
  },
  'verification-failed': {
    class: 'outside',
    title: 'The cloud is up, but does not work as it should',
    next: 'Read what was seen above, look at `./croque status`, and repeat with `./croque verify`.',
  },
} as const satisfies Record<string, CodeEntry>
