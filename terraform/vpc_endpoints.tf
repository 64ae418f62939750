module "vpc_endpoints" {
  source = "./modules/vpc-endpoints"
  count  = var.vpc_endpoints == null ? 0 : 1

  function_name            = module.runner.function_name
  name_prefix              = var.name_prefix
  runner_security_group_id = module.runner.security_group_id
  runner_egress_rules      = length(var.security_group_ids) == 0
  security_group_name      = var.security_group_name == null ? null : "${var.security_group_name}-endpoints"
  vpc_id                   = local.environment.vpc.id
  gateway_services         = var.vpc_endpoints.gateway_services
  route_table_ids          = var.vpc_endpoints.route_table_ids
  interface_services       = var.vpc_endpoints.interface_services
  subnet_ids               = coalesce(var.vpc_endpoints.subnet_ids, local.environment.vpc.subnet_ids)
  private_dns              = var.vpc_endpoints.private_dns

  further_security_group_ids = var.vpc_endpoints.further_security_group_ids

  tags = local.environment.tags
}
