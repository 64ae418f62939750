output "function_name" {
  description = "The function's name."
  value       = aws_lambda_function.runner.function_name
}

output "function_arn" {
  description = "The function's ARN, without a version."
  value       = aws_lambda_function.runner.arn
}

output "alias_arn" {
  description = "The ARN of the alias `live`, which `lamex-ctl deploy` moves."
  value       = aws_lambda_alias.live.arn
}

output "role_arn" {
  description = "The ARN of the execution role."
  value       = local.role_arn
}

output "security_group_id" {
  description = "The function's own security group, for ingress rules on what it must reach; the first of `security_group_ids` where those take its place."
  value       = local.security_group_ids[0]
}

output "log_group_name" {
  description = "The function's log group."
  value       = one(concat(aws_cloudwatch_log_group.runner[*].name, var.log_group_name[*]))
}
