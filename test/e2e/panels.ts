/**
 * The panels of magnum-ui: a template and a cluster made in their dialogues, shown in their tables and by themselves, and removed there. The
 * cloud has the driver that only pretends, so that this is about the panels.
 */
import type { Locator, Page } from 'playwright-core'
import { type Dashboard, name, until } from './dashboard.ts'
import type { Installation } from './installation.ts'

/** What the driver takes, and what nodes boot from. */
const images = { 'fedora-coreos': 'coreos', 'croque-node': 'nodes' }

export async function tryPanels(dashboard: Dashboard, cloud: Installation): Promise<void> {
  const openstack = (...words: readonly string[]): void => {
    const { code, stdout, stderr } = cloud.run('openstack', ...words)
    if (code !== 0) throw new Error(`openstack ${words.join(' ')}: ${stdout}${stderr}`)
  }
  const format = ['--disk-format', 'raw', '--container-format', 'bare']
  for (const [distro, image] of Object.entries(images))
    openstack('image', 'create', ...format, '--property', `os_distro=${distro}`, image)
  openstack('keypair', 'create', name)
  await makeTemplate(dashboard)
  await makeCluster(dashboard)
  await seesCluster(dashboard)
  await remove(dashboard, 'clusters')
  await remove(dashboard, 'cluster_templates')
  openstack('keypair', 'delete', name)
  openstack('image', 'delete', ...Object.values(images))
}

async function makeTemplate({ page, at }: Dashboard): Promise<void> {
  await at('/project/cluster_templates')
  await page.getByRole('button', { name: 'Create Cluster Template' }).click()
  const dialog = dialogOf(page)
  await dialog.field('name').fill(name)
  await dialog.choose('coe', 'Kubernetes')
  await dialog.tab('Node Spec')
  for (const image of Object.values(images)) await dialog.option('image_id', image).waitFor({ state: 'attached' })
  await dialog.choose('image_id', images['fedora-coreos'])
  await dialog.choose('flavor_id', 'm1.small')
  await dialog.choose('master_flavor_id', 'm1.small')
  await dialog.tab('Network')
  await dialog.choose('external_network_id', 'public')
  await dialog.submit()
  await rowOf(page).waitFor()
}

async function makeCluster({ page, at }: Dashboard): Promise<void> {
  await at('/project/clusters')
  await page.getByRole('button', { name: 'Create Cluster' }).click()
  const dialog = dialogOf(page)
  await dialog.field('name').fill(name)
  await dialog.choose('cluster_template_id', name)
  await dialog.choose('availability_zone', 'nova')
  await dialog.choose('keypair', name)
  // What the template says has come when it leaves no choice here.
  await dialog.field('master_count').and(page.locator(':disabled')).waitFor({ state: 'attached' })
  await dialog.tab('Size')
  await dialog.field('node_count').fill('2')
  await dialog.submit()
  await rowOf(page).waitFor()
}

/** In the table, until it is there; then by itself. */
async function seesCluster({ page, at }: Dashboard): Promise<void> {
  await at('/project/clusters')
  await until(page, async () => {
    await rowOf(page).waitFor()
    return /Create Complete|CREATE_COMPLETE/.test((await rowOf(page).textContent()) ?? '')
  })
  await rowOf(page).getByRole('link', { name, exact: true }).click()
  await page.waitForURL(/\/ngdetails\/OS::Magnum::Cluster\/[0-9a-f-]{36}/)
  const details = page.locator('dl')
  for (const text of ['CREATE_COMPLETE', 'https://', 'auto_healing_enabled'])
    await details.getByText(text).first().waitFor()
}

async function remove({ page, at }: Dashboard, table: 'clusters' | 'cluster_templates'): Promise<void> {
  await at(`/project/${table}`)
  // The box that one sees is drawn around a hidden one.
  await rowOf(page).locator('.themable-checkbox label').click()
  await page.locator('.hz-dynamic-table-actions .btn-danger').click()
  await page.locator('.modal-dialog .modal-footer .btn-danger').click()
  await until(page, async () => {
    await page.locator('table.table-detail tfoot').waitFor()
    return (await rowOf(page).count()) === 0
  })
}

const rowOf = (page: Page): Locator =>
  page.locator('table.table-detail tbody tr', { has: page.getByRole('link', { name, exact: true }) })

function dialogOf(page: Page) {
  const dialog = page.locator('.modal-dialog')
  const field = (key: string): Locator => dialog.locator(`[name="${key}"]`)
  const option = (key: string, label: string): Locator => field(key).locator('option', { hasText: label })
  return {
    field,
    option,
    /** Its options come when the server has said them. */
    choose: async (key: string, label: string): Promise<void> => {
      await field(key).selectOption({ label })
    },
    tab: async (title: string): Promise<void> => {
      await dialog.locator('.wizard-nav').getByText(title, { exact: true }).click()
    },
    submit: async (): Promise<void> => {
      await dialog.locator('.modal-footer .btn-primary').click()
      await dialog.waitFor({ state: 'hidden' })
    },
  }
}
