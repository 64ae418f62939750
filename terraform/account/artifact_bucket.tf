module "artifact_bucket" {
  source = "../modules/artifact-bucket"
  count  = var.artifact_bucket == null ? 0 : 1

  name                         = local.environment.artifacts_bucket
  kms_key_arn                  = local.environment.artifacts_kms_key_arn
  expire_after_days            = var.artifact_bucket.expire_after_days
  expire_noncurrent_after_days = var.artifact_bucket.expire_noncurrent_after_days
  tags                         = local.environment.tags
}
