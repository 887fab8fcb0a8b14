/**
 * What the stock cluster-autoscaler asks of Heat and Nova, and all that it may
 * (github.com/kubernetes/autoscaler, cluster-autoscaler/cloudprovider/magnum/magnum_manager_impl.go).
 */
export type CloudQuestion =
  /** `name`: absent where only the UUID of the stack is known. `part`: of it, in the words of Heat's paths. */
  | { readonly stack: string; readonly name?: string; readonly part: '' | '/resources' | '/resources/kube_minions' }
  | { readonly flavor: string }
