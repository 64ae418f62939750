# By names, so that the role can be made before the function.

data "aws_partition" "current" {}
data "aws_region" "current" {}
data "aws_caller_identity" "current" {}

locals {
  partition          = data.aws_partition.current.partition
  account            = data.aws_caller_identity.current.account_id
  place              = "${data.aws_region.current.region}:${local.account}"
  function_arn       = "arn:${local.partition}:lambda:${local.place}:function:${var.function_name}"
  log_group_arn      = "arn:${local.partition}:logs:${local.place}:log-group:${coalesce(var.log_group_name, "/aws/lambda/${var.function_name}")}"
  resource_name      = "${var.name_prefix}${var.function_name}-lamex"
  role_arns          = "arn:${local.partition}:iam::${local.account}:role${var.role_path}"
  execution_role_arn = coalesce(var.execution_role_arn, "${local.role_arns}${local.resource_name}")
  ci_role_name       = "${local.resource_name}-ci"
  ci_role_arn        = "${local.role_arns}${local.ci_role_name}"
}
