data "aws_partition" "current" {}
data "aws_region" "current" {}
data "aws_caller_identity" "current" {}

locals {
  resource_name = "${var.function_name}-lamex-schedule"
  account       = data.aws_caller_identity.current.account_id
  group_arn     = "arn:${data.aws_partition.current.partition}:scheduler:${data.aws_region.current.region}:${local.account}:schedule-group/${local.resource_name}"
}
