locals {
  has_interfaces = length(var.interface_services) > 0
}

resource "aws_vpc_endpoint" "interface" {
  for_each = local.interface_services

  vpc_id              = var.vpc_id
  service_name        = each.value
  vpc_endpoint_type   = "Interface"
  subnet_ids          = var.subnet_ids
  security_group_ids  = aws_security_group.endpoints[*].id
  private_dns_enabled = var.private_dns
  tags                = merge(var.tags, { Name = "${local.resource_name}-${each.key}" })
}
