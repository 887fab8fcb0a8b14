/** Horizon in Chromium, as a user has it: one login, a server, its volume, its console, a cluster, and all gone again. */
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { chromium, type Frame, type Locator, type Page } from 'playwright-core'
import { type Dashboard, name, shows, until } from './dashboard.ts'
import type { Installation } from './installation.ts'
import { needPackages } from './packages.ts'
import { tryPanels } from './panels.ts'
import { patience } from './patience.ts'

/**
 * Throws at the first page that does not do what it should, with the path of a screenshot; else returns what the browser
 * complained of on the way: errors of scripts, and answers from 400 up.
 */
export async function tryHorizon(cloud: Installation): Promise<readonly string[]> {
  await needPackages('chromium')
  const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', chromiumSandbox: false })
  const { origin } = new URL(cloud.login().authUrl)
  // The CA is the cloud's own.
  const context = await browser.newContext({ ignoreHTTPSErrors: true, viewport: { width: 1400, height: 1000 } })
  context.setDefaultTimeout(patience.timeout)
  const page = await context.newPage()
  const complaints = heard(page)
  const dashboard: Dashboard = { page, at: (path) => page.goto(`${origin}/dashboard${path}`), origin }
  try {
    await logIn(dashboard, cloud)
    await seesPublicUrls(dashboard)
    await launchServer(dashboard)
    await attachVolume(dashboard)
    await seesConsole(dashboard)
    await dashboard.at('/project/stacks/')
    await page.locator('table#stacks').waitFor()
    await tryPanels(dashboard, cloud)
    await remove(dashboard, 'instances')
    await remove(dashboard, 'volumes')
    return complaints
  } catch (cause) {
    const path = join(mkdtempSync(join(tmpdir(), 'croque-horizon-')), 'page.png')
    await page.screenshot({ path }).catch(() => undefined)
    throw new Error(`at ${page.url()}, see ${path}; the browser said: ${complaints.join('; ')}`, { cause })
  } finally {
    await browser.close()
  }
}

/**
 * Horizon's own: the wizard asks for metadata of a kind that exists in the singular only, and gets 500 where there is none; a page
 * asks for the row of what was deleted until it gets 404; nobody waits for the end of a spinner, which is a rejection.
 */
const known = /OS::Cinder::Volumes|404 .*\?action=row_update|Possibly unhandled rejection: undefined/

function heard(page: Page): string[] {
  const complaints: string[] = []
  const hear = (text: string): void => {
    if (!known.test(text)) complaints.push(text.slice(0, 500))
  }
  page.on('console', (message) => {
    if (message.type() === 'error') hear(`${message.text()} (${message.location().url})`)
  })
  page.on('pageerror', (error) => hear(error.message))
  return complaints
}

async function logIn({ page, at }: Dashboard, cloud: Installation): Promise<void> {
  const { username, password } = cloud.login()
  await at('/project/')
  await page.locator('#id_username').fill(username)
  await page.locator('#id_password').fill(password)
  await page.locator('#loginBtn').click()
  await page.waitForURL((url) => !url.pathname.includes('/auth/'))
}

/** What a user copies from the dashboard leads where a user can go. */
async function seesPublicUrls({ page, at, origin }: Dashboard): Promise<void> {
  await at('/project/api_access/')
  const rows = await page.locator('table#endpoints tbody tr').allInnerTexts()
  const others = rows.filter((row) => !row.includes(origin))
  if (rows.length < 5 || others.length > 0) throw new Error(`these endpoints are not public: ${others.join(', ')}`)
}

async function launchServer({ page, at }: Dashboard): Promise<void> {
  await at('/project/instances/')
  await page.locator('#instances__action_launch-ng').click()
  const wizard = page.locator('.modal-dialog')
  const step = (title: string): Promise<void> => wizard.locator('.wizard-nav').getByText(title, { exact: true }).click()
  const allocate = (item: string): Promise<void> =>
    wizard
      .locator('tr:visible', { has: page.getByText(item, { exact: true }) })
      .locator('button:visible')
      .last()
      .click()
  await wizard.locator('input[name=name]').fill(name)
  await step('Source')
  await allocate('tiny')
  await step('Flavor')
  await allocate('m1.nano')
  await step('Networks')
  await allocate('private')
  await step('Source')
  await settles(page, wizard.locator('label#vol-create', { hasText: /^\s*No\s*$/ }))
  await wizard.locator('.modal-footer .finish').click()
  await wizard.waitFor({ state: 'hidden' })
  await shows(page, rowIn(page, 'instances'), /Active/)
}

/** Chooses, until the choice stays: the wizard's defaults come from the server when they come, and undo what was chosen before. */
async function settles(page: Page, choice: Locator): Promise<void> {
  const end = performance.now() + patience.timeout
  for (let calm = 0; calm < 4; calm += 1) {
    if (performance.now() > end) throw new Error('the choice does not stay')
    if (!((await choice.getAttribute('class')) ?? '').split(' ').includes('active')) {
      calm = 0
      await choice.click()
    }
    await page.waitForTimeout(500)
  }
}

async function attachVolume({ page, at }: Dashboard): Promise<void> {
  await at('/project/volumes/')
  await page.locator('#volumes__action_create').click()
  const dialog = page.locator('.modal-dialog')
  await dialog.locator('#id_name').fill(name)
  await dialog.locator('#id_size').fill('1')
  await submit(dialog)
  const row = rowIn(page, 'volumes')
  await shows(page, row, /Available/)
  await row.locator('.dropdown-toggle').click()
  await row.getByText('Manage Attachments').click()
  const instance = dialog.locator('#id_instance')
  const value = await instance.locator('option', { hasText: name }).getAttribute('value')
  // The select that one sees is made of other elements.
  await instance.selectOption(value, { force: true })
  await submit(dialog)
  await shows(page, row, new RegExp(`In-use[^]*/dev/vdb on ${name}`))
}

/** The guest's screen through the gateway's websocket: connected, and not all of one colour. */
async function seesConsole({ page, at }: Dashboard): Promise<void> {
  await at('/project/instances/')
  await rowIn(page, 'instances').getByRole('link', { name, exact: true }).click()
  await page.waitForURL(/\/project\/instances\/[0-9a-f-]{36}\//)
  await page.goto(`${page.url().replace(/\?.*/, '')}?tab=instance_details__console`)
  const frame: Frame | null | undefined = await (
    await page.locator('iframe#console_embed').elementHandle()
  )?.contentFrame()
  if (!frame) throw new Error('the tab of the console has no frame')
  await frame.locator('canvas').waitFor()
  await frame.waitForFunction(drawn, undefined, { polling: 1000 })
}

/** Runs in the browser: whether some canvas shows more than one colour. */
const drawn = `(() => [...document.querySelectorAll('canvas')].some((canvas) => {
  if (canvas.width * canvas.height === 0) return false
  const pixels = new Uint32Array(canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data.buffer)
  return pixels.some((pixel) => pixel !== pixels[0])
}))()`

async function remove({ page, at }: Dashboard, table: 'instances' | 'volumes'): Promise<void> {
  await at(`/project/${table}/`)
  const row = rowIn(page, table)
  // The box that one sees is drawn around a hidden one.
  await row.locator('.themable-checkbox label').click()
  await page.locator(`#${table}__action_delete`).click()
  await page.locator('.modal-dialog .modal-footer .btn-danger, .modal-dialog .modal-footer .btn-primary').click()
  await until(page, async () => (await row.count()) === 0)
}

/** By its own name: other rows may name it as what they belong to. */
const rowIn = (page: Page, table: string): Locator => page.locator(`table#${table} tbody tr[data-display="${name}"]`)

async function submit(dialog: Locator): Promise<void> {
  await dialog.locator('.modal-footer [type=submit]').click()
  await dialog.waitFor({ state: 'hidden' })
}
