resource "aws_s3_bucket" "artifacts" {
  #checkov:skip=CKV_AWS_18:Who deployed what is in the function's versions and in CloudTrail.
  #checkov:skip=CKV_AWS_144:A package is built again where it is lost; nothing reads it after its deployment.
  #checkov:skip=CKV2_AWS_62:Nothing waits for packages.
  #checkov:skip=CKV_AWS_145:kms_key_arn says whose key it is; S3's own encrypts without one.

  bucket = var.name
  tags   = var.tags
}

# Its owner's objects, and no ACLs.
resource "aws_s3_bucket_ownership_controls" "artifacts" {
  bucket = aws_s3_bucket.artifacts.bucket

  rule {
    object_ownership = "BucketOwnerEnforced"
  }
}

resource "aws_s3_bucket_public_access_block" "artifacts" {
  bucket = aws_s3_bucket.artifacts.bucket

  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}

resource "aws_s3_bucket_versioning" "artifacts" {
  bucket = aws_s3_bucket.artifacts.bucket

  versioning_configuration {
    status = "Enabled"
  }
}

resource "aws_s3_bucket_server_side_encryption_configuration" "artifacts" {
  bucket = aws_s3_bucket.artifacts.bucket

  rule {
    # One call of KMS for many objects.
    bucket_key_enabled = var.kms_key_arn != null

    apply_server_side_encryption_by_default {
      sse_algorithm     = var.kms_key_arn == null ? "AES256" : "aws:kms"
      kms_master_key_id = var.kms_key_arn
    }
  }
}
