#compdef croque
_croque() {
  local -a commands=(
    'up:Bring up the cloud, or bring it in line with its document'
    'plan:Show what `up` would change, and why'
    'render:Print the Kubernetes objects of a document'
    'node:Show which node does what, decide it by labels, empty a node for work on it'
    'status:Show what is healthy and what waits for what'
    'verify:Try the cloud through its public APIs: token, image, network, server'
    'down:Remove the cloud and its underlay; the machine is as it was found'
    'image:List, build and push the container images, or print what is in one'
    'node-image:List, build and import the node images of tenant clusters'
    'cluster:Make, use and change Kubernetes clusters on the cloud'
    'openstack:Run the openstack client as the administrator of the cloud'
    'kubectl:Run kubectl against the underlay'
    'openrc:Print shell variables for the openstack client'
    'clouds.yaml:Print a clouds.yaml for the openstack client, Terraform and SDKs'
    'kubeconfig:Print a kubeconfig of the underlay'
    'logs:Show the logs of a service or of one component'
    'shell:Open a shell with the clients and the credentials of the cloud'
    'version:Print the version of croque, with the commit of its checkout'
    'schema:Print the JSON Schema of the Cloud document, for editors'
    'completion:Print a completion script for a shell'
    'docs:Write the reference pages in docs/reference from the tables'
    'api:Serve the API of clusters (Magnum) in the foreground, for tests and development'
    'test:Run the project'"'"'s own tests'
    'bench:Measure the figures of the README, as a table'
    'help:Show help'
  )
  if (( CURRENT == 2 )); then
    _describe command commands
    return
  fi
  local command=$words[2]
  shift words
  (( CURRENT-- ))
  case $command in
    up) _arguments '--file[the Cloud document]:FILE:_files' '--timeout[give up the wait for one part after so long]:SECONDS:' '--skip-verify[leave the verification out: no server is made at the end]' '--output[what to print]:FORMAT:(text json)' '--verbose[show every line of the programs that run]' '--help[show help]' ;;
    plan) _arguments '--file[the Cloud document]:FILE:_files' '--output[what to print]:FORMAT:(text json)' '--verbose[show every line of the programs that run]' '--help[show help]' ;;
    render) _arguments '--file[the Cloud document]:FILE:_files' '--generate-secrets[also print the Secrets, with new random values each time: for applying by hand, once]' '--admin-role[print instead what whoever runs croque must be allowed to do on the cluster of somebody else]' '--output[what to print]:FORMAT:(text json)' '--verbose[show every line of the programs that run]' '--help[show help]' ;;
    node) _arguments '--file[the Cloud document]:FILE:_files' '--name[which cloud]:NAME:' '--yes[do not ask]' '--output[what to print]:FORMAT:(text json)' '--verbose[show every line of the programs that run]' '--help[show help]' '*:ACTION:(list label drain uncordon)' ;;
    status) _arguments '--name[which cloud]:NAME:' '--watch[keep showing it until Ctrl-C]' '--output[what to print]:FORMAT:(text json)' '--verbose[show every line of the programs that run]' '--help[show help]' ;;
    verify) _arguments '--file[the Cloud document]:FILE:_files' '--name[which cloud]:NAME:' '--output[what to print]:FORMAT:(text json)' '--verbose[show every line of the programs that run]' '--help[show help]' ;;
    down) _arguments '--file[the Cloud document]:FILE:_files' '--name[which cloud]:NAME:' '--yes[do not ask]' '--purge[also empty the caches (images, Kubernetes, Node)]' '--output[what to print]:FORMAT:(text json)' '--verbose[show every line of the programs that run]' '--help[show help]' ;;
    image) _arguments '--file[the Cloud document]:FILE:_files' '--registry[push to this one, HOST:PORT/PREFIX]:REGISTRY:' '--ca[PEM certificate of the CA of the registry to push to]:FILE:_files' '--output[what to print]:FORMAT:(text json)' '--verbose[show every line of the programs that run]' '--help[show help]' '*:ACTION:(list build push sbom)' ;;
    node-image) _arguments '--file[the Cloud document]:FILE:_files' '--name[which cloud]:NAME:' '--hypervisor[import for hosts of this kind; qemu is for KVM too]:HYPERVISOR:(lxc qemu)' '--whole-disk[build or import it as a disk that boots by itself; for hosts of the kind qemu]' '--output[what to print]:FORMAT:(text json)' '--verbose[show every line of the programs that run]' '--help[show help]' '*:ACTION:(list build import)' ;;
    cluster) _arguments '--file[the Cloud document]:FILE:_files' '--name[which cloud]:NAME:' '--template[create: what it is made of]:TEMPLATE:' '--node-count[create: how many nodes]:NODES:' '--master-count[create: how many masters]:MASTERS:' '--flavor[create: of the nodes]:FLAVOR:' '--master-flavor[create: of the masters]:FLAVOR:' '--keypair[create: who may log in to the nodes]:KEYPAIR:' '--label[create: over the template'"'"'s labels]:KEY=VALUE:' '--timeout[create: fails when it takes longer]:MINUTES:' '--nodegroup[resize: which one; upgrade: only this one]:GROUP:' '--remove[resize: goes first; address or id of a server]:NODE:' '--max-batch-size[upgrade: how many at once]:NODES:' '--to[kubeconfig: write it there, for its owner only]:FILE:_files' '--no-wait[do not wait for the end]' '--output[what to print]:FORMAT:(text json)' '--verbose[show every line of the programs that run]' '--help[show help]' '*:ACTION:(create list show kubeconfig kubectl resize upgrade delete)' ;;
    openstack) _arguments '*:ARGUMENT:' ;;
    kubectl) _arguments '*:ARGUMENT:' ;;
    openrc) _arguments '--name[which cloud]:NAME:' '--output[what to print]:FORMAT:(text json)' '--verbose[show every line of the programs that run]' '--help[show help]' ;;
    clouds.yaml) _arguments '--name[which cloud]:NAME:' '--output[what to print]:FORMAT:(text json)' '--verbose[show every line of the programs that run]' '--help[show help]' ;;
    kubeconfig) _arguments '--name[which cloud]:NAME:' '--output[what to print]:FORMAT:(text json)' '--verbose[show every line of the programs that run]' '--help[show help]' ;;
    logs) _arguments '--name[which cloud]:NAME:' '--follow[keep showing new lines until Ctrl-C]' '--tail[how many lines of each Pod]:LINES:' '--output[what to print]:FORMAT:(text json)' '--verbose[show every line of the programs that run]' '--help[show help]' '*:SERVICE[/COMPONENT]:' ;;
    shell) _arguments '*:ARGUMENT:' ;;
    version) _arguments '--output[what to print]:FORMAT:(text json)' '--verbose[show every line of the programs that run]' '--help[show help]' ;;
    schema) _arguments '--output[what to print]:FORMAT:(text json)' '--verbose[show every line of the programs that run]' '--help[show help]' ;;
    completion) _arguments '--output[what to print]:FORMAT:(text json)' '--verbose[show every line of the programs that run]' '--help[show help]' '*:SHELL:(bash zsh fish)' ;;
    docs) _arguments '--check[write nothing; fail when a page is stale]' '--output[what to print]:FORMAT:(text json)' '--verbose[show every line of the programs that run]' '--help[show help]' ;;
    api) _arguments '--kubeconfig[where the state is kept]:FILE:_files' '--context[context of the kubeconfig]:NAME:' '--config[the configuration]:FILE:_files' '--output[what to print]:FORMAT:(text json)' '--verbose[show every line of the programs that run]' '--help[show help]' ;;
    test) _arguments '--level[comma-separated levels, out of lint, types, unused, unit, integration, e2e]:LEVELS:' '--update[write golden files anew instead of comparing]' '--output[what to print]:FORMAT:(text json)' '--verbose[show every line of the programs that run]' '--help[show help]' '*:FILTER:' ;;
    bench) _arguments '--output[what to print]:FORMAT:(text json)' '--verbose[show every line of the programs that run]' '--help[show help]' '*:NAME:' ;;
    help) _values command up plan render node status verify down image node-image cluster openstack kubectl openrc clouds.yaml kubeconfig logs shell version schema completion docs api test bench ;;
  esac
}
# Found by fpath it is called at once; sourced it has to be made known.
if [ "$funcstack[1]" = _croque ]; then _croque "$@"; else compdef _croque croque; fi
