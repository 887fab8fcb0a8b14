/** A container image that a release needs: its name in the catalog and the reference that Pods use. */
export interface ImageRef {
  /** Name in the catalog: `base`, `mariadb`, `rabbitmq`, `memcached`, `haproxy`, `ovn`, `openstack`, `compute`. */
  readonly name: string
  /** `croque.local/<name>:<release>-<first 12 hex digits of the recipe hash>`; changes exactly when the recipe (with its layers below and its files) does. */
  readonly reference: string
}
