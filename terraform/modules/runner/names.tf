# ARNs are built from names: the role's policy speaks of the function, and the function needs the role.

data "aws_partition" "current" {}
data "aws_region" "current" {}
data "aws_caller_identity" "current" {}

locals {
  partition = data.aws_partition.current.partition
  region    = data.aws_region.current.region
  account   = data.aws_caller_identity.current.account_id

  resource_name  = "${var.name_prefix}${var.function_name}-lamex"
  log_group_name = coalesce(var.log_group_name, "/aws/lambda/${var.function_name}")

  place         = "${local.region}:${local.account}"
  function_arn  = "arn:${local.partition}:lambda:${local.place}:function:${var.function_name}"
  log_group_arn = "arn:${local.partition}:logs:${local.place}:log-group:${local.log_group_name}"
}
