# bash completion for croque
_croque() {
  local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD-1]}
  COMPREPLY=()
  if [ "$COMP_CWORD" = 1 ]; then
    COMPREPLY=($(compgen -W 'up plan render node status verify down image node-image cluster openstack kubectl openrc clouds.yaml kubeconfig logs shell version schema completion docs api test bench help' -- "$current"))
    return
  fi
  case "${COMP_WORDS[1]} $previous" in
    'up --file') COMPREPLY=(); return ;;
    'up --timeout') COMPREPLY=(); return ;;
    'up --output') COMPREPLY=($(compgen -W 'text json' -- "$current")); return ;;
    'plan --file') COMPREPLY=(); return ;;
    'plan --output') COMPREPLY=($(compgen -W 'text json' -- "$current")); return ;;
    'render --file') COMPREPLY=(); return ;;
    'render --output') COMPREPLY=($(compgen -W 'text json' -- "$current")); return ;;
    'node --file') COMPREPLY=(); return ;;
    'node --name') COMPREPLY=(); return ;;
    'node --output') COMPREPLY=($(compgen -W 'text json' -- "$current")); return ;;
    'status --name') COMPREPLY=(); return ;;
    'status --output') COMPREPLY=($(compgen -W 'text json' -- "$current")); return ;;
    'verify --file') COMPREPLY=(); return ;;
    'verify --name') COMPREPLY=(); return ;;
    'verify --output') COMPREPLY=($(compgen -W 'text json' -- "$current")); return ;;
    'down --file') COMPREPLY=(); return ;;
    'down --name') COMPREPLY=(); return ;;
    'down --output') COMPREPLY=($(compgen -W 'text json' -- "$current")); return ;;
    'image --file') COMPREPLY=(); return ;;
    'image --registry') COMPREPLY=(); return ;;
    'image --ca') COMPREPLY=(); return ;;
    'image --output') COMPREPLY=($(compgen -W 'text json' -- "$current")); return ;;
    'node-image --file') COMPREPLY=(); return ;;
    'node-image --name') COMPREPLY=(); return ;;
    'node-image --hypervisor') COMPREPLY=($(compgen -W 'lxc qemu' -- "$current")); return ;;
    'node-image --output') COMPREPLY=($(compgen -W 'text json' -- "$current")); return ;;
    'cluster --file') COMPREPLY=(); return ;;
    'cluster --name') COMPREPLY=(); return ;;
    'cluster --template') COMPREPLY=(); return ;;
    'cluster --node-count') COMPREPLY=(); return ;;
    'cluster --master-count') COMPREPLY=(); return ;;
    'cluster --flavor') COMPREPLY=(); return ;;
    'cluster --master-flavor') COMPREPLY=(); return ;;
    'cluster --keypair') COMPREPLY=(); return ;;
    'cluster --label') COMPREPLY=(); return ;;
    'cluster --timeout') COMPREPLY=(); return ;;
    'cluster --nodegroup') COMPREPLY=(); return ;;
    'cluster --remove') COMPREPLY=(); return ;;
    'cluster --max-batch-size') COMPREPLY=(); return ;;
    'cluster --to') COMPREPLY=(); return ;;
    'cluster --output') COMPREPLY=($(compgen -W 'text json' -- "$current")); return ;;
    'openrc --name') COMPREPLY=(); return ;;
    'openrc --output') COMPREPLY=($(compgen -W 'text json' -- "$current")); return ;;
    'clouds.yaml --name') COMPREPLY=(); return ;;
    'clouds.yaml --output') COMPREPLY=($(compgen -W 'text json' -- "$current")); return ;;
    'kubeconfig --name') COMPREPLY=(); return ;;
    'kubeconfig --output') COMPREPLY=($(compgen -W 'text json' -- "$current")); return ;;
    'logs --name') COMPREPLY=(); return ;;
    'logs --tail') COMPREPLY=(); return ;;
    'logs --output') COMPREPLY=($(compgen -W 'text json' -- "$current")); return ;;
    'version --output') COMPREPLY=($(compgen -W 'text json' -- "$current")); return ;;
    'schema --output') COMPREPLY=($(compgen -W 'text json' -- "$current")); return ;;
    'completion --output') COMPREPLY=($(compgen -W 'text json' -- "$current")); return ;;
    'docs --output') COMPREPLY=($(compgen -W 'text json' -- "$current")); return ;;
    'api --kubeconfig') COMPREPLY=(); return ;;
    'api --context') COMPREPLY=(); return ;;
    'api --config') COMPREPLY=(); return ;;
    'api --output') COMPREPLY=($(compgen -W 'text json' -- "$current")); return ;;
    'test --level') COMPREPLY=(); return ;;
    'test --output') COMPREPLY=($(compgen -W 'text json' -- "$current")); return ;;
    'bench --output') COMPREPLY=($(compgen -W 'text json' -- "$current")); return ;;
  esac
  case "${COMP_WORDS[1]}" in
    up) COMPREPLY=($(compgen -W '--file --timeout --skip-verify --output --verbose --help' -- "$current")) ;;
    plan) COMPREPLY=($(compgen -W '--file --output --verbose --help' -- "$current")) ;;
    render) COMPREPLY=($(compgen -W '--file --generate-secrets --admin-role --output --verbose --help' -- "$current")) ;;
    node) COMPREPLY=($(compgen -W '--file --name --yes --output --verbose --help list label drain uncordon' -- "$current")) ;;
    status) COMPREPLY=($(compgen -W '--name --watch --output --verbose --help' -- "$current")) ;;
    verify) COMPREPLY=($(compgen -W '--file --name --output --verbose --help' -- "$current")) ;;
    down) COMPREPLY=($(compgen -W '--file --name --yes --purge --output --verbose --help' -- "$current")) ;;
    image) COMPREPLY=($(compgen -W '--file --registry --ca --output --verbose --help list build push sbom' -- "$current")) ;;
    node-image) COMPREPLY=($(compgen -W '--file --name --hypervisor --whole-disk --output --verbose --help list build import' -- "$current")) ;;
    cluster) COMPREPLY=($(compgen -W '--file --name --template --node-count --master-count --flavor --master-flavor --keypair --label --timeout --nodegroup --remove --max-batch-size --to --no-wait --output --verbose --help create list show kubeconfig kubectl resize upgrade delete' -- "$current")) ;;
    openstack) COMPREPLY=($(compgen -W '' -- "$current")) ;;
    kubectl) COMPREPLY=($(compgen -W '' -- "$current")) ;;
    openrc) COMPREPLY=($(compgen -W '--name --output --verbose --help' -- "$current")) ;;
    clouds.yaml) COMPREPLY=($(compgen -W '--name --output --verbose --help' -- "$current")) ;;
    kubeconfig) COMPREPLY=($(compgen -W '--name --output --verbose --help' -- "$current")) ;;
    logs) COMPREPLY=($(compgen -W '--name --follow --tail --output --verbose --help' -- "$current")) ;;
    shell) COMPREPLY=($(compgen -W '' -- "$current")) ;;
    version) COMPREPLY=($(compgen -W '--output --verbose --help' -- "$current")) ;;
    schema) COMPREPLY=($(compgen -W '--output --verbose --help' -- "$current")) ;;
    completion) COMPREPLY=($(compgen -W '--output --verbose --help bash zsh fish' -- "$current")) ;;
    docs) COMPREPLY=($(compgen -W '--check --output --verbose --help' -- "$current")) ;;
    api) COMPREPLY=($(compgen -W '--kubeconfig --context --config --output --verbose --help' -- "$current")) ;;
    test) COMPREPLY=($(compgen -W '--level --update --output --verbose --help' -- "$current")) ;;
    bench) COMPREPLY=($(compgen -W '--output --verbose --help' -- "$current")) ;;
    help) COMPREPLY=($(compgen -W 'up plan render node status verify down image node-image cluster openstack kubectl openrc clouds.yaml kubeconfig logs shell version schema completion docs api test bench' -- "$current")) ;;
  esac
}
complete -o default -F _croque croque ./croque
