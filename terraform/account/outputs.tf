output "oidc_provider_arn" {
  description = "The OIDC provider that was made; null without `oidc_provider`."
  value       = one(module.oidc_provider[*].arn)
}

output "artifact_bucket_name" {
  description = "The bucket that was made; null without `artifact_bucket`."
  value       = one(module.artifact_bucket[*].name)
}
