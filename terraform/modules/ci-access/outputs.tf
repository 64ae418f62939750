output "role_arn" {
  description = "The role for CI to take: `role-to-assume` of aws-actions/configure-aws-credentials, or AWS_ROLE_ARN."
  value       = aws_iam_role.ci.arn
}

output "role_name" {
  description = "The role's name."
  value       = aws_iam_role.ci.name
}

output "oidc_provider_arn" {
  description = "The OIDC provider that the role trusts, which must exist before CI assumes the role."
  value       = local.oidc_provider_arn
}
