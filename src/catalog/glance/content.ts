import { contentNames, type Step, throughGateway } from '../content.ts'
import { makeTestImage, observeTestImage } from './test-image.ts'

export function contentSteps(): readonly Step[] {
  return [
    {
      name: 'image',
      title: `image ${contentNames.image}`,
      needs: [...throughGateway, 'glance/api'],
      observe: observeTestImage,
      run: makeTestImage,
    },
  ]
}
