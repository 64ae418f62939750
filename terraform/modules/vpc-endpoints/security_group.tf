# One group for all interface endpoints: in, from the runner and who is named; out, nothing.

resource "aws_security_group" "endpoints" {
  count = local.has_interfaces ? 1 : 0

  name        = coalesce(var.security_group_name, "${local.resource_name}-endpoints")
  description = "VPC endpoints of the function ${var.function_name}: in from it, no way out"
  vpc_id      = var.vpc_id
  tags        = var.tags
}

resource "aws_vpc_security_group_ingress_rule" "runner" {
  count = local.has_interfaces ? 1 : 0

  security_group_id            = aws_security_group.endpoints[0].id
  description                  = "The function ${var.function_name}"
  ip_protocol                  = "tcp"
  from_port                    = 443
  to_port                      = 443
  referenced_security_group_id = var.runner_security_group_id
  tags                         = var.tags
}

resource "aws_vpc_security_group_ingress_rule" "further" {
  count = local.has_interfaces ? length(var.further_security_group_ids) : 0

  security_group_id            = aws_security_group.endpoints[0].id
  description                  = "Let in beside the function"
  ip_protocol                  = "tcp"
  from_port                    = 443
  to_port                      = 443
  referenced_security_group_id = var.further_security_group_ids[count.index]
  tags                         = var.tags
}

resource "aws_vpc_security_group_egress_rule" "interface" {
  count = local.has_interfaces && var.runner_egress_rules ? 1 : 0

  security_group_id            = var.runner_security_group_id
  description                  = "VPC endpoints"
  ip_protocol                  = "tcp"
  from_port                    = 443
  to_port                      = 443
  referenced_security_group_id = aws_security_group.endpoints[0].id
  tags                         = var.tags
}
