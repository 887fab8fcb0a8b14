/**
 * The default rules of Magnum 22 (2026.1), word for word: names, checks, scopes, and what each was before its 17th release. The names
 * of the former rules hold their `rule:` in Magnum too. With new defaults enforced, as they are by default, the former checks do not
 * count; without, `not domain_id:…` lets nearly everybody pass, in Magnum as here, and only the search within the caller's project
 * keeps others' things apart.
 */
import type { RuleDefault } from '../../policy/index.ts'

const adminOrOwner = { name: 'rule:admin_or_owner', check: 'is_admin:True or project_id:%(project_id)s' }
const adminOrUser = { name: 'rule:admin_or_user', check: '((rule:context_is_admin) or (rule:is_user))' }
const denyClusterUser = { name: 'rule:deny_cluster_user', check: 'not domain_id:%(trustee_domain_id)s' }
const adminOrUserOrClusterUser = {
  name: 'rule:admin_or_user_or_cluster_user',
  check: '((rule:context_is_admin) or (rule:user_or_cluster_user))',
}

/** What the others refer to. */
const base = [
  { name: 'context_is_admin', check: 'role:admin' },
  { name: 'admin_or_owner', check: 'is_admin:True or project_id:%(project_id)s' },
  { name: 'admin_or_user', check: 'is_admin:True or user_id:%(user_id)s' },
  { name: 'is_user', check: 'user_id:%(user_id)s' },
  { name: 'cluster_user', check: 'user_id:%(trustee_user_id)s' },
  { name: 'deny_cluster_user', check: 'not domain_id:%(trustee_domain_id)s' },
  { name: 'project_member', check: 'role:member and project_id:%(project_id)s' },
  { name: 'project_reader', check: 'role:reader and project_id:%(project_id)s' },
  {
    name: 'admin_or_project_reader',
    check: '(rule:context_is_admin) or (rule:project_reader)',
    deprecated: adminOrOwner,
  },
  {
    name: 'admin_or_project_member',
    check: '(rule:context_is_admin) or (rule:project_member)',
    deprecated: adminOrOwner,
  },
  {
    name: 'admin_or_project_member_user',
    check: '(rule:context_is_admin) or ((rule:project_member) and (rule:is_user))',
    deprecated: adminOrUser,
  },
  { name: 'user_or_cluster_user', check: '((rule:is_user) or (rule:cluster_user))' },
  { name: 'admin_or_user_or_cluster_user', check: '((rule:context_is_admin) or (rule:user_or_cluster_user))' },
  {
    name: 'admin_or_project_member_cluster_user',
    check: '(rule:context_is_admin) or ((rule:project_member) and (rule:cluster_user))',
  },
  {
    name: 'admin_or_project_member_user_or_cluster_user',
    check: '(rule:context_is_admin) or ((rule:project_member) and (rule:user_or_cluster_user))',
    deprecated: adminOrUserOrClusterUser,
  },
  {
    name: 'project_member_deny_cluster_user',
    check: '((rule:project_member) and (rule:deny_cluster_user))',
    deprecated: denyClusterUser,
  },
  {
    name: 'admin_or_project_member_deny_cluster_user',
    check: '(rule:context_is_admin) or (rule:project_member_deny_cluster_user)',
    deprecated: denyClusterUser,
  },
  {
    name: 'project_reader_deny_cluster_user',
    check: '((rule:project_reader) and (rule:deny_cluster_user))',
    deprecated: denyClusterUser,
  },
  {
    name: 'admin_or_project_reader_deny_cluster_user',
    check: '(rule:context_is_admin) or (rule:project_reader_deny_cluster_user)',
    deprecated: denyClusterUser,
  },
  {
    name: 'admin_or_project_reader_user',
    check: '(rule:context_is_admin) or ((rule:project_reader) and (rule:is_user))',
    deprecated: adminOrUser,
  },
] as const satisfies readonly RuleDefault[]

const admin = { check: 'rule:context_is_admin' } as const
const inProject = <Check extends string>(check: Check) => ({ check: `rule:${check}`, scopes: ['project'] }) as const
const reader = inProject('admin_or_project_reader')
const readerNoTrustee = inProject('admin_or_project_reader_deny_cluster_user')
const member = inProject('admin_or_project_member')
const memberNoTrustee = inProject('admin_or_project_member_deny_cluster_user')

/** What the API asks for. */
const requests = [
  { name: 'certificate:create', ...inProject('admin_or_project_member_user') },
  { name: 'certificate:get', ...inProject('admin_or_project_reader_user') },
  { name: 'certificate:rotate_ca', ...member },

  { name: 'cluster:create', ...memberNoTrustee },
  { name: 'cluster:delete', ...memberNoTrustee },
  { name: 'cluster:delete_all_projects', ...admin },
  { name: 'cluster:detail', ...readerNoTrustee },
  { name: 'cluster:detail_all_projects', ...admin },
  { name: 'cluster:get', ...readerNoTrustee },
  { name: 'cluster:get_one_all_projects', ...admin },
  { name: 'cluster:get_all', ...readerNoTrustee },
  { name: 'cluster:get_all_all_projects', ...admin },
  { name: 'cluster:update', ...memberNoTrustee },
  { name: 'cluster:update_health_status', ...inProject('admin_or_project_member_user_or_cluster_user') },
  { name: 'cluster:update_all_projects', ...admin },
  { name: 'cluster:resize', ...memberNoTrustee },
  { name: 'cluster:upgrade', ...memberNoTrustee },
  { name: 'cluster:upgrade_all_projects', ...admin },

  { name: 'clustertemplate:create', ...memberNoTrustee },
  { name: 'clustertemplate:delete', ...member },
  { name: 'clustertemplate:delete_all_projects', ...admin },
  { name: 'clustertemplate:detail_all_projects', ...admin },
  { name: 'clustertemplate:detail', ...readerNoTrustee },
  { name: 'clustertemplate:get', ...readerNoTrustee },
  { name: 'clustertemplate:get_one_all_projects', ...admin },
  { name: 'clustertemplate:get_all', ...readerNoTrustee },
  { name: 'clustertemplate:get_all_all_projects', ...admin },
  { name: 'clustertemplate:update', ...member },
  { name: 'clustertemplate:update_all_projects', ...admin },
  { name: 'clustertemplate:publish', ...admin },

  { name: 'credential:rotate', ...inProject('project_member_deny_cluster_user') },

  { name: 'federation:create', ...memberNoTrustee },
  { name: 'federation:delete', ...memberNoTrustee },
  { name: 'federation:detail', ...readerNoTrustee },
  { name: 'federation:get', ...readerNoTrustee },
  { name: 'federation:get_all', ...readerNoTrustee },
  { name: 'federation:update', ...memberNoTrustee },

  { name: 'magnum-service:get_all', ...admin },

  { name: 'quota:create', ...admin },
  { name: 'quota:delete', ...admin },
  { name: 'quota:get', ...reader },
  { name: 'quota:get_all', ...admin },
  { name: 'quota:update', ...admin },

  { name: 'stats:get_all', ...reader },

  { name: 'nodegroup:get', ...reader },
  { name: 'nodegroup:get_all', ...reader },
  { name: 'nodegroup:get_all_all_projects', ...admin },
  { name: 'nodegroup:get_one_all_projects', ...admin },
  { name: 'nodegroup:create', ...member },
  { name: 'nodegroup:delete', ...member },
  { name: 'nodegroup:update', ...member },
] as const satisfies readonly RuleDefault[]

/** Rules that the API asks for. Bays and baymodels go by those of clusters and cluster templates. */
export type RuleName = (typeof requests)[number]['name']

export const defaultRules: readonly RuleDefault[] = [...base, ...requests]
