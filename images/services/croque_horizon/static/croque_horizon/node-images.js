// The dialogue for cluster templates offers images of these distributions only.
angular.module('croque_horizon', ['horizon.dashboard.container-infra']).run([
  'horizon.dashboard.container-infra.cluster-templates.distros',
  function (distros) { distros.push('croque-node') },
])
