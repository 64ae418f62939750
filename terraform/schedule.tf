module "schedule" {
  source = "./modules/schedule"
  count  = local.environment.schedule == null ? 0 : 1

  function_name            = local.environment.function
  name_prefix              = var.name_prefix
  role_path                = var.role_path
  alias_arn                = module.runner.alias_arn
  schedule                 = local.environment.schedule
  timezone                 = local.environment.schedule_timezone
  permissions_boundary_arn = var.permissions_boundary_arn
  tags                     = local.environment.tags
}
