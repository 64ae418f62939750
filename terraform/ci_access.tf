module "ci_access" {
  source = "./modules/ci-access"
  count  = var.ci_access == null ? 0 : 1

  function_name            = local.environment.function
  name_prefix              = var.name_prefix
  role_path                = var.role_path
  execution_role_arn       = var.role_arn
  log_group_name           = var.log_group_name
  kms_key_arn              = var.kms_key_arn
  subjects                 = var.ci_access.subjects
  issuer                   = var.ci_access.issuer
  audience                 = var.ci_access.audience
  oidc_provider_arn        = var.ci_access.oidc_provider_arn
  max_session_hours        = var.ci_access.max_session_hours
  artifacts_bucket         = local.environment.artifacts_bucket
  artifacts_kms_key_arn    = local.environment.artifacts_kms_key_arn
  permissions_boundary_arn = var.permissions_boundary_arn
  tags                     = local.environment.tags
}
