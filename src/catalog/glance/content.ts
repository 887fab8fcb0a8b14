import { contentNames, type Step, throughGateway } from '../content.ts'
import { makeTestImage, observeTestImage } from './test-image.ts'

export interface GlanceContent {
  /** How long another run may take to send a part, in milliseconds; then it counts as dead. @default 60000 */
  readonly sendingMs?: number
}

export function contentSteps(options: GlanceContent = {}): readonly Step[] {
  return [
    {
      name: 'image',
      title: `image ${contentNames.image}`,
      needs: [...throughGateway, 'glance/api'],
      observe: observeTestImage,
      run: (context) => makeTestImage(context, options.sendingMs ?? 60_000),
    },
  ]
}
