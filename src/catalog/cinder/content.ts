import { type Step, type StepContext, type StepResult, throughGateway } from '../content.ts'

/** A volume type for the backend, under its name: users choose where a volume stands by its type. */
export function contentSteps(backend: string): readonly Step[] {
  return [
    {
      name: 'volume-type',
      title: `volume type ${backend}`,
      needs: [...throughGateway, 'cinder/api'],
      observe: (context) => typeAction(context, backend),
      run: (context) => makeType(context, backend),
    },
  ]
}

const backendKey = 'volume_backend_name'

async function typeAction({ cloud }: StepContext, backend: string): Promise<StepResult['action']> {
  const type = (await cloud.volume.types()).find(({ name }) => name === backend)
  if (type === undefined) return 'created'
  return type.specs[backendKey] === undefined ? 'configured' : 'unchanged'
}

/** Cinder keeps the names of types unique. A backend that somebody else gave the type stays. */
async function makeType(context: StepContext, backend: string): Promise<StepResult> {
  const { volume } = context.cloud
  const action = await typeAction(context, backend)
  if (action === 'created') await volume.createType({ name: backend, specs: { [backendKey]: backend } })
  if (action === 'configured') {
    const type = (await volume.types()).find(({ name }) => name === backend)
    if (type !== undefined) await volume.setSpecs(type.id, { [backendKey]: backend })
  }
  return { action, message: `volume type ${backend}` }
}
