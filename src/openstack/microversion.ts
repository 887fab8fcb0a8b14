/** Nova's microversion for every call: flavors inside servers, keypair types, hypervisors by UUID. Known since 2021.1, served by 2025.1 and 2026.1. */
export const computeHeaders = { 'openstack-api-version': 'compute 2.88' }

/** Magnum's, as python-magnumclient asks. */
export const clusterHeaders = { 'openstack-api-version': 'container-infra latest' }
