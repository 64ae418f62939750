# No way in, and out only to what `reach` lists. The VPC's own resolver needs no rule; another one is a reach entry.

resource "aws_security_group" "runner" {
  count = local.has_own_group ? 1 : 0

  name        = coalesce(var.security_group_name, local.resource_name)
  description = "The function ${var.function_name}: no way in, out only to what it must reach"
  vpc_id      = var.vpc.id
  tags        = var.tags

  lifecycle {
    # Another `vpc.id` takes another group. The function must be out of the old one before that can go; names are unique
    # in a VPC, not beyond it.
    create_before_destroy = true
  }
}

# Which group is the function's own, if any: the function goes with it.
resource "terraform_data" "own_security_group" {
  input = one(aws_security_group.runner[*].id)
}

resource "aws_vpc_security_group_egress_rule" "reach" {
  # Groups that are somebody else's get no rules.
  for_each = { for entry in var.reach : entry.name => entry if local.has_own_group }

  security_group_id            = aws_security_group.runner[0].id
  description                  = local.rule_descriptions[each.key]
  ip_protocol                  = each.value.protocol
  from_port                    = each.value.port
  to_port                      = each.value.port
  referenced_security_group_id = each.value.security_group_id
  cidr_ipv4                    = each.value.cidr
  cidr_ipv6                    = each.value.ipv6_cidr
  prefix_list_id               = each.value.prefix_list_id
  tags                         = var.tags
}

resource "aws_vpc_security_group_ingress_rule" "target" {
  # By what is absent: the id of a security group that is made in the same run is not known yet.
  for_each = { for entry in var.reach : entry.name => entry
    if var.allow_ingress_on_targets && entry.cidr == null && entry.ipv6_cidr == null && entry.prefix_list_id == null
  }

  security_group_id            = each.value.security_group_id
  description                  = substr("${var.function_name}: ${local.rule_descriptions[each.key]}", 0, 255)
  ip_protocol                  = each.value.protocol
  from_port                    = each.value.port
  to_port                      = each.value.port
  referenced_security_group_id = aws_security_group.runner[0].id
  tags                         = var.tags
}

# A warning and no refusal: what is reached by IPv6 in one VPC may be reached by IPv4 in another.
check "ipv6_addresses" {
  assert {
    condition     = var.dual_stack || alltrue([for entry in var.reach : entry.ipv6_cidr == null])
    error_message = "`reach` has an ipv6_cidr, and the function no IPv6 address: set dual_stack, in subnets that all have an IPv6 range."
  }
}

check "rules_of_other_groups" {
  assert {
    condition     = local.has_own_group || length(var.reach) == 0
    error_message = "`reach` makes no rules in the groups of security_group_ids: whoever manages them must let the function out to ${join(", ", [for entry in var.reach : entry.name])}. `lamex-ctl doctor` says what they do not let through."
  }
}

locals {
  has_own_group = length(var.security_group_ids) == 0

  # The function's own group, or those in its place.
  security_group_ids = concat(aws_security_group.runner[*].id, var.security_group_ids)

  # What EC2 does not take in a description becomes a point.
  rule_descriptions = { for entry in var.reach : entry.name =>
    substr(replace(coalesce(entry.description, entry.name), "/[^A-Za-z0-9 ._:\\/()#,@\\[\\]+=&;{}!$*-]/", "."), 0, 255)
  }
}
