module "runner" {
  source = "./modules/runner"

  function_name            = local.environment.function
  name_prefix              = var.name_prefix
  vpc                      = local.environment.vpc
  reach                    = local.reach
  allow_ingress_on_targets = var.allow_ingress_on_targets
  dual_stack               = var.dual_stack
  security_group_ids       = var.security_group_ids
  security_group_name      = var.security_group_name

  replacement_security_group_ids = var.replacement_security_group_ids

  env                  = local.environment.env
  allow_destructive    = local.environment.allow_destructive
  memory_mb            = local.environment.memory_mb
  timeout_s            = local.environment.timeout_s
  ephemeral_storage_mb = local.environment.ephemeral_storage_mb
  architecture         = local.environment.architecture
  runtime              = var.runtime
  placeholder_package  = var.placeholder_package
  reserved_concurrency = var.reserved_concurrency
  tracing              = var.tracing
  layers               = var.layers
  kms_key_arn          = var.kms_key_arn

  # Path and boundary are then those of the other roles alone.
  existing_role            = var.role_arn == null ? null : { arn = var.role_arn }
  role                     = local.environment.role
  role_path                = var.role_arn == null ? var.role_path : "/"
  permissions_boundary_arn = var.role_arn == null ? var.permissions_boundary_arn : null
  log_group_name           = var.log_group_name
  log_retention_days       = local.environment.log_retention_days
  log_kms_key_arn          = var.log_kms_key_arn
  tags                     = local.environment.tags
}
