# ARNs are built from names: the role's policy speaks of the function, and the function needs the role.

data "aws_partition" "current" {}
data "aws_region" "current" {}
data "aws_caller_identity" "current" {}

locals {
  resource_name  = "${var.function_name}-lamex"
  log_group_name = "/aws/lambda/${var.function_name}"

  place         = "${data.aws_region.current.region}:${data.aws_caller_identity.current.account_id}"
  function_arn  = "arn:${data.aws_partition.current.partition}:lambda:${local.place}:function:${var.function_name}"
  log_group_arn = "arn:${data.aws_partition.current.partition}:logs:${local.place}:log-group:${local.log_group_name}"
}
