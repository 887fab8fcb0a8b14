/** Which of the two engines a cluster has. */
import type { Cluster } from './objects.ts'

/** Docker's swarm mode, and not Kubernetes. */
export const isSwarm = ({ spec }: Pick<Cluster, 'spec'>): boolean => spec.template.coe === 'swarm-mode'
