resource "aws_cloudwatch_log_group" "runner" {
  #checkov:skip=CKV_AWS_338:The logs of tests are of no use after a month. log_retention_days says more where they are.

  # Another one is somebody else's, with its retention, key and tags.
  count = var.log_group_name == null ? 1 : 0

  name              = local.log_group_name
  retention_in_days = var.log_retention_days
  kms_key_id        = var.log_kms_key_arn
  tags              = var.tags
}
