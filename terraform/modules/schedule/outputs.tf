output "group_name" {
  description = "The group of the schedule, by which CloudWatch has its metrics."
  value       = local.resource_name
}

output "role_arn" {
  description = "The role in which EventBridge Scheduler invokes the function."
  value       = aws_iam_role.schedule.arn
}
