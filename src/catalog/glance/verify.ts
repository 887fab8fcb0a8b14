import { CroqueError } from '../../errors/index.ts'
import { contentNames, type Step, throughGateway } from '../content.ts'

/** The image API lists the test image, and it can be used. */
export function verifySteps(): readonly Step[] {
  return [
    {
      name: 'image',
      title: 'Glance has an active image',
      needs: [...throughGateway, 'content/image'],
      run: async ({ cloud }) => {
        const images = await cloud.image.list({ name: contentNames.image })
        const active = images.find((image) => image.status === 'active')
        if (active !== undefined)
          return { action: 'unchanged', message: `image ${active.name} is active (${active.size ?? 0} bytes)` }
        const seen = images.map((image) => image.status).join(', ')
        throw new CroqueError('verification-failed', {
          what: `there is no active image ${contentNames.image}`,
          why: seen === '' ? 'there is none of that name' : `it is ${seen}`,
        })
      },
    },
  ]
}
