# A boundary of another account: IAM would refuse it when the function is there already.

locals {
  misplaced = [for arn in var.permissions_boundary_arn[*] : "The permissions boundary ${arn} is not of this account or of AWS (arn:${local.partition}:iam::${local.account}:policy/…)."
  if !startswith(arn, "arn:${local.partition}:iam::${local.account}:") && !startswith(arn, "arn:${local.partition}:iam::aws:")]
}
