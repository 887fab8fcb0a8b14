/** What the tests of Horizon in Chromium share. */
import type { Locator, Page } from 'playwright-core'
import { patience } from './patience.ts'

export interface Dashboard {
  readonly page: Page
  /** Opens a path of the dashboard: `/project/instances/`. */
  readonly at: (path: string) => Promise<unknown>
  readonly origin: string
}

/** What the tests make is called that. */
export const name = 'by-browser'

/** Loads the page again and again. */
export async function until(page: Page, seen: () => Promise<boolean>): Promise<void> {
  const end = performance.now() + patience.timeout
  while (!(await seen())) {
    if (performance.now() > end) throw new Error('it did not come to that')
    await page.waitForTimeout(2000)
    await page.reload()
  }
}

export const shows = (page: Page, row: Locator, text: RegExp): Promise<void> =>
  until(page, async () => (await row.count()) === 1 && text.test((await row.textContent()) ?? ''))
