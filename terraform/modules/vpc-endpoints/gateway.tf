resource "aws_vpc_endpoint" "gateway" {
  for_each = var.gateway_services

  vpc_id            = var.vpc_id
  service_name      = "com.amazonaws.${local.region}.${each.value}"
  vpc_endpoint_type = "Gateway"
  route_table_ids   = var.route_table_ids
  tags              = merge(var.tags, { Name = "${local.resource_name}-${each.value}" })
}

# A gateway endpoint has no security group: it is reached by the addresses of its service.
resource "aws_vpc_security_group_egress_rule" "gateway" {
  for_each = var.runner_egress_rules ? var.gateway_services : []

  security_group_id = var.runner_security_group_id
  description       = "VPC endpoint ${each.value}"
  ip_protocol       = "tcp"
  from_port         = 443
  to_port           = 443
  prefix_list_id    = aws_vpc_endpoint.gateway[each.value].prefix_list_id
  tags              = var.tags
}

data "aws_region" "current" {}

locals {
  resource_name = "${var.name_prefix}${var.function_name}-lamex"
}
