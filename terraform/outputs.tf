output "function_name" {
  description = "The function's name."
  value       = module.runner.function_name
}

output "function_arn" {
  description = "The function's ARN, without a version."
  value       = module.runner.function_arn
}

output "alias_arn" {
  description = "The ARN of the alias `live`, which `lamex-ctl deploy` moves."
  value       = module.runner.alias_arn
}

output "role_arn" {
  description = "The ARN of the execution role."
  value       = module.runner.role_arn
}

output "security_group_id" {
  description = "The function's own security group, for ingress rules on what it must reach."
  value       = module.runner.security_group_id
}

output "log_group_name" {
  description = "The function's log group."
  value       = module.runner.log_group_name
}

output "endpoint_security_group_id" {
  description = "The security group of the interface endpoints; null if there are none."
  value       = one(module.vpc_endpoints[*].security_group_id)
}

output "ci_role_arn" {
  description = "The role for CI to take; null without `ci_access`."
  value       = one(module.ci_access[*].role_arn)
}

output "oidc_provider_arn" {
  description = "The OIDC provider that this role trusts; null without `ci_access`. The folder `account` creates it if it is missing."
  value       = one(module.ci_access[*].oidc_provider_arn)
}
