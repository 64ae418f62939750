module "runner" {
  source = "./modules/runner"

  function_name            = local.environment.function
  vpc                      = local.environment.vpc
  reach                    = local.reach
  allow_ingress_on_targets = var.allow_ingress_on_targets
  dual_stack               = var.dual_stack
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

  role                     = local.environment.role
  permissions_boundary_arn = var.permissions_boundary_arn
  log_retention_days       = local.environment.log_retention_days
  log_kms_key_arn          = var.log_kms_key_arn
  tags                     = local.environment.tags
}
