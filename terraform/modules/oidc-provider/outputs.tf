output "arn" {
  description = "The provider's ARN, which modules/ci-access derives by itself."
  value       = aws_iam_openid_connect_provider.ci.arn
}
