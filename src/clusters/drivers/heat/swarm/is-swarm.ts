/** Which of the two engines a cluster has. What differs between them stands in this folder, and here and there a line that asks. */
import type { Cluster } from '../../../model/index.ts'

/** Docker's swarm mode, and not Kubernetes. */
export const isSwarm = ({ spec }: Pick<Cluster, 'spec'>): boolean => spec.template.coe === 'swarm-mode'
