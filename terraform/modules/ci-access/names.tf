# By names, so that the role can be made before the function.

data "aws_partition" "current" {}
data "aws_region" "current" {}
data "aws_caller_identity" "current" {}

locals {
  partition          = data.aws_partition.current.partition
  account            = data.aws_caller_identity.current.account_id
  place              = "${data.aws_region.current.region}:${local.account}"
  function_arn       = "arn:${local.partition}:lambda:${local.place}:function:${var.function_name}"
  log_group_arn      = "arn:${local.partition}:logs:${local.place}:log-group:/aws/lambda/${var.function_name}"
  execution_role_arn = "arn:${local.partition}:iam::${local.account}:role/${var.function_name}-lamex"
  ci_role_name       = "${var.function_name}-lamex-ci"
  ci_role_arn        = "arn:${local.partition}:iam::${local.account}:role/${local.ci_role_name}"
}
