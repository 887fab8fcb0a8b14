import { type Step, throughGateway } from '../content.ts'

/** A login as the administrator through the gateway, with the role and the catalog that the others need. */
export function verifySteps(): readonly Step[] {
  return [
    {
      name: 'token',
      title: 'Keystone gives a token',
      needs: throughGateway,
      run: async ({ cloud }) => {
        const { user, project, roles, services } = await cloud.identity.whoami()
        const message = `${user.name} in project ${project.name} (${roles.join(', ')}); catalog: ${services.join(', ')}`
        return { action: 'unchanged', message }
      },
    },
  ]
}
