mock_provider "aws" {
  override_data {
    target = data.aws_partition.current
    values = { partition = "aws-us-gov" }
  }
}

variables {
  name = "lamex-artifacts"
}

run "private_versioned_encrypted" {
  command = plan
  assert {
    condition     = aws_s3_bucket.artifacts.bucket == "lamex-artifacts" && aws_s3_bucket.artifacts.force_destroy != true
    error_message = "The bucket has another name, or would be destroyed with what is in it."
  }
  assert {
    condition = alltrue([
      aws_s3_bucket_public_access_block.artifacts.block_public_acls, aws_s3_bucket_public_access_block.artifacts.block_public_policy,
      aws_s3_bucket_public_access_block.artifacts.ignore_public_acls, aws_s3_bucket_public_access_block.artifacts.restrict_public_buckets,
    ])
    error_message = jsonencode(aws_s3_bucket_public_access_block.artifacts)
  }
  assert {
    condition     = one(aws_s3_bucket_ownership_controls.artifacts.rule).object_ownership == "BucketOwnerEnforced"
    error_message = jsonencode(aws_s3_bucket_ownership_controls.artifacts)
  }
  assert {
    condition     = one(aws_s3_bucket_versioning.artifacts.versioning_configuration).status == "Enabled"
    error_message = jsonencode(aws_s3_bucket_versioning.artifacts)
  }
  assert {
    condition = [for rule in aws_s3_bucket_server_side_encryption_configuration.artifacts.rule :
      [rule.bucket_key_enabled, one(rule.apply_server_side_encryption_by_default).sse_algorithm]
    ] == [[false, "AES256"]]
    error_message = jsonencode(aws_s3_bucket_server_side_encryption_configuration.artifacts)
  }
}

run "with_tls_only" {
  command = plan
  assert {
    condition = jsonencode(jsondecode(aws_s3_bucket_policy.artifacts.policy).Statement) == jsonencode([{
      Action    = "s3:*"
      Condition = { Bool = { "aws:SecureTransport" = "false" } }
      Effect    = "Deny"
      Principal = { AWS = "*" }
      Resource  = ["arn:aws-us-gov:s3:::lamex-artifacts", "arn:aws-us-gov:s3:::lamex-artifacts/*"]
      Sid       = "OnlyWithTls"
    }])
    error_message = aws_s3_bucket_policy.artifacts.policy
  }
}

run "old_packages_go" {
  command = plan
  variables {
    expire_after_days            = 3
    expire_noncurrent_after_days = 1
  }
  assert {
    condition = [for rule in aws_s3_bucket_lifecycle_configuration.artifacts.rule : [
      rule.status, one(rule.filter).prefix, one(rule.expiration).days, one(rule.noncurrent_version_expiration).noncurrent_days,
      one(rule.abort_incomplete_multipart_upload).days_after_initiation,
    ]] == [["Enabled", "lamex/", 3, 1, 1]]
    error_message = jsonencode(aws_s3_bucket_lifecycle_configuration.artifacts)
  }
}

run "encrypted_by_a_key_of_your_own" {
  command = plan
  variables {
    kms_key_arn = "arn:aws:kms:us-east-2:123456789012:key/00000000-0000-0000-0000-000000000001"
  }
  assert {
    condition = [for rule in aws_s3_bucket_server_side_encryption_configuration.artifacts.rule :
      [rule.bucket_key_enabled, one(rule.apply_server_side_encryption_by_default).sse_algorithm, one(rule.apply_server_side_encryption_by_default).kms_master_key_id]
    ] == [[true, "aws:kms", "arn:aws:kms:us-east-2:123456789012:key/00000000-0000-0000-0000-000000000001"]]
    error_message = jsonencode(aws_s3_bucket_server_side_encryption_configuration.artifacts)
  }
}

run "refused" {
  command = plan
  variables {
    name                         = "Lamex_Artifacts"
    kms_key_arn                  = "alias/artifacts"
    expire_after_days            = 0
    expire_noncurrent_after_days = 0
  }
  expect_failures = [var.name, var.kms_key_arn, var.expire_after_days, var.expire_noncurrent_after_days]
}
