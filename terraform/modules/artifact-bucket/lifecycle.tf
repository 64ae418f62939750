# A package is of use until Lambda has copied it, which is within its deployment: lamex-ctl uploads it again where another
# deployment needs it.
resource "aws_s3_bucket_lifecycle_configuration" "artifacts" {
  #checkov:skip=CKV_AWS_300:It does, for what lamex-ctl puts there.

  bucket = aws_s3_bucket.artifacts.bucket

  rule {
    id     = "packages"
    status = "Enabled"

    # Where lamex-ctl puts them.
    filter {
      prefix = "lamex/"
    }

    expiration {
      days = var.expire_after_days
    }

    noncurrent_version_expiration {
      noncurrent_days = var.expire_noncurrent_after_days
    }

    abort_incomplete_multipart_upload {
      days_after_initiation = 1
    }
  }

  # What it says of old versions is refused before there can be any.
  depends_on = [aws_s3_bucket_versioning.artifacts]
}
