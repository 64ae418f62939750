data "aws_partition" "current" {}
data "aws_region" "current" {}
data "aws_caller_identity" "current" {}

locals {
  resource_name = "${var.name_prefix}${var.function_name}-lamex-schedule"
  partition     = data.aws_partition.current.partition
  account       = data.aws_caller_identity.current.account_id
  group_arn     = "arn:${local.partition}:scheduler:${data.aws_region.current.region}:${local.account}:schedule-group/${local.resource_name}"
}
