import { contentNames, type Step, type StepContext, throughGateway } from '../content.ts'
import { makeContainerImage, makeTestImage, observeContainerImage, observeTestImage } from './test-image.ts'

export interface GlanceContent {
  /** How long another run may take to send a part, in milliseconds; then it counts as dead. @default 60000 */
  readonly sendingMs?: number
  /** Whether there is one for container guests as well. @default false */
  readonly lxc?: boolean
}

export function contentSteps(options: GlanceContent = {}): readonly Step[] {
  const { sendingMs = 60_000 } = options
  const needs = [...throughGateway, 'glance/api']
  return [
    {
      name: 'image',
      title: `image ${contentNames.image}`,
      needs,
      observe: observeTestImage,
      run: (context) => makeTestImage(context, sendingMs),
    },
    ...(options.lxc === true
      ? [
          {
            name: 'container-image',
            title: `image ${contentNames.containerImage}`,
            needs,
            observe: observeContainerImage,
            run: (context: StepContext) => makeContainerImage(context, sendingMs),
          },
        ]
      : []),
  ]
}
