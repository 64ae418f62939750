# What exists already must be where the function is: Lambda would refuse it late, when half is made.

locals {
  misplaced = concat(
    [for arn in var.existing_role[*].arn : "The role ${arn} is not in the function's account (arn:${local.partition}:iam::${local.account}:role/…): Lambda takes no role of another one."
    if !startswith(arn, "arn:${local.partition}:iam::${local.account}:")],
    [for arn in var.permissions_boundary_arn[*] : "The permissions boundary ${arn} is not of the function's account or of AWS (arn:${local.partition}:iam::${local.account}:policy/…)."
    if !startswith(arn, "arn:${local.partition}:iam::${local.account}:") && !startswith(arn, "arn:${local.partition}:iam::aws:")],
    [for arn in var.layers : "The layer ${arn} is not in the function's region (arn:${local.partition}:lambda:${local.region}:…)."
    if !startswith(arn, "arn:${local.partition}:lambda:${local.region}:")],
    [for arn in var.kms_key_arn[*] : "The key ${arn} is not in the function's region (arn:${local.partition}:kms:${local.region}:…)."
    if !startswith(arn, "arn:${local.partition}:kms:${local.region}:")],
  )
}
