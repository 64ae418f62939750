mock_provider "aws" {
  override_data {
    target = data.aws_partition.current
    values = { partition = "aws" }
  }
  override_data {
    target = data.aws_region.current
    values = { region = "us-east-2" }
  }
  override_data {
    target = data.aws_caller_identity.current
    values = { account_id = "123456789012" }
  }
}

variables {
  function_name = "system-tests"
  vpc           = { id = "vpc-1", subnet_ids = ["subnet-1", "subnet-2"] }
}

run "nothing" {
  command = plan
  assert {
    condition     = length(aws_vpc_security_group_egress_rule.reach) == 0
    error_message = jsonencode(length(aws_vpc_security_group_egress_rule.reach))
  }
  assert {
    condition     = length(aws_vpc_security_group_ingress_rule.target) == 0
    error_message = jsonencode(length(aws_vpc_security_group_ingress_rule.target))
  }
  assert {
    condition     = aws_security_group.runner[0].vpc_id == "vpc-1"
    error_message = jsonencode(aws_security_group.runner[0].vpc_id)
  }
  assert {
    condition     = aws_security_group.runner[0].name == "system-tests-lamex"
    error_message = jsonencode(aws_security_group.runner[0].name)
  }
}

run "each_kind" {
  command = plan
  variables {
    dual_stack = true
    reach = [
      { name = "by-group", host = "a.internal", port = 1, security_group_id = "sg-1", check = "grpc" },
      { name = "by-range", host = "b.internal", port = 2, cidr = "10.0.0.0/16" },
      { name = "by-range-6", host = "c.internal", port = 3, ipv6_cidr = "fd00::/8" },
      { name = "by-list", host = "d.internal", port = 65535, prefix_list_id = "pl-1" },
    ]
  }
  assert {
    condition     = length(aws_vpc_security_group_egress_rule.reach) == 4
    error_message = jsonencode(length(aws_vpc_security_group_egress_rule.reach))
  }
  assert {
    condition     = length(aws_vpc_security_group_ingress_rule.target) == 0
    error_message = jsonencode(length(aws_vpc_security_group_ingress_rule.target))
  }
  assert {
    condition     = aws_vpc_security_group_egress_rule.reach["by-group"].referenced_security_group_id == "sg-1"
    error_message = "by-group: referenced_security_group_id is not as it must be"
  }
  assert {
    condition     = aws_vpc_security_group_egress_rule.reach["by-group"].cidr_ipv4 == null
    error_message = "by-group: cidr_ipv4 is not as it must be"
  }
  assert {
    condition     = aws_vpc_security_group_egress_rule.reach["by-group"].cidr_ipv6 == null
    error_message = "by-group: cidr_ipv6 is not as it must be"
  }
  assert {
    condition     = aws_vpc_security_group_egress_rule.reach["by-group"].prefix_list_id == null
    error_message = "by-group: prefix_list_id is not as it must be"
  }
  assert {
    condition     = aws_vpc_security_group_egress_rule.reach["by-group"].ip_protocol == "tcp" && aws_vpc_security_group_egress_rule.reach["by-group"].from_port == 1 && aws_vpc_security_group_egress_rule.reach["by-group"].to_port == 1 && aws_vpc_security_group_egress_rule.reach["by-group"].description == "by-group"
    error_message = "by-group: protocol, port or description"
  }
  assert {
    condition     = aws_vpc_security_group_egress_rule.reach["by-range"].referenced_security_group_id == null
    error_message = "by-range: referenced_security_group_id is not as it must be"
  }
  assert {
    condition     = aws_vpc_security_group_egress_rule.reach["by-range"].cidr_ipv4 == "10.0.0.0/16"
    error_message = "by-range: cidr_ipv4 is not as it must be"
  }
  assert {
    condition     = aws_vpc_security_group_egress_rule.reach["by-range"].cidr_ipv6 == null
    error_message = "by-range: cidr_ipv6 is not as it must be"
  }
  assert {
    condition     = aws_vpc_security_group_egress_rule.reach["by-range"].prefix_list_id == null
    error_message = "by-range: prefix_list_id is not as it must be"
  }
  assert {
    condition     = aws_vpc_security_group_egress_rule.reach["by-range"].ip_protocol == "tcp" && aws_vpc_security_group_egress_rule.reach["by-range"].from_port == 2 && aws_vpc_security_group_egress_rule.reach["by-range"].to_port == 2 && aws_vpc_security_group_egress_rule.reach["by-range"].description == "by-range"
    error_message = "by-range: protocol, port or description"
  }
  assert {
    condition     = aws_vpc_security_group_egress_rule.reach["by-range-6"].referenced_security_group_id == null
    error_message = "by-range-6: referenced_security_group_id is not as it must be"
  }
  assert {
    condition     = aws_vpc_security_group_egress_rule.reach["by-range-6"].cidr_ipv4 == null
    error_message = "by-range-6: cidr_ipv4 is not as it must be"
  }
  assert {
    condition     = aws_vpc_security_group_egress_rule.reach["by-range-6"].cidr_ipv6 == "fd00::/8"
    error_message = "by-range-6: cidr_ipv6 is not as it must be"
  }
  assert {
    condition     = aws_vpc_security_group_egress_rule.reach["by-range-6"].prefix_list_id == null
    error_message = "by-range-6: prefix_list_id is not as it must be"
  }
  assert {
    condition     = aws_vpc_security_group_egress_rule.reach["by-range-6"].ip_protocol == "tcp" && aws_vpc_security_group_egress_rule.reach["by-range-6"].from_port == 3 && aws_vpc_security_group_egress_rule.reach["by-range-6"].to_port == 3 && aws_vpc_security_group_egress_rule.reach["by-range-6"].description == "by-range-6"
    error_message = "by-range-6: protocol, port or description"
  }
  assert {
    condition     = aws_vpc_security_group_egress_rule.reach["by-list"].referenced_security_group_id == null
    error_message = "by-list: referenced_security_group_id is not as it must be"
  }
  assert {
    condition     = aws_vpc_security_group_egress_rule.reach["by-list"].cidr_ipv4 == null
    error_message = "by-list: cidr_ipv4 is not as it must be"
  }
  assert {
    condition     = aws_vpc_security_group_egress_rule.reach["by-list"].cidr_ipv6 == null
    error_message = "by-list: cidr_ipv6 is not as it must be"
  }
  assert {
    condition     = aws_vpc_security_group_egress_rule.reach["by-list"].prefix_list_id == "pl-1"
    error_message = "by-list: prefix_list_id is not as it must be"
  }
  assert {
    condition     = aws_vpc_security_group_egress_rule.reach["by-list"].ip_protocol == "tcp" && aws_vpc_security_group_egress_rule.reach["by-list"].from_port == 65535 && aws_vpc_security_group_egress_rule.reach["by-list"].to_port == 65535 && aws_vpc_security_group_egress_rule.reach["by-list"].description == "by-list"
    error_message = "by-list: protocol, port or description"
  }
}

run "ingress_on_targets_on_request" {
  command = apply
  variables {
    allow_ingress_on_targets = true
    reach = [
      { name = "by-group", port = 1, security_group_id = "sg-1" },
      { name = "by-range", port = 2, cidr = "10.0.0.0/16" },
    ]
  }
  assert {
    condition     = toset(keys(aws_vpc_security_group_ingress_rule.target)) == toset(["by-group"])
    error_message = jsonencode(keys(aws_vpc_security_group_ingress_rule.target))
  }
  assert {
    condition     = aws_vpc_security_group_ingress_rule.target["by-group"].security_group_id == "sg-1" && aws_vpc_security_group_ingress_rule.target["by-group"].referenced_security_group_id == aws_security_group.runner[0].id && aws_vpc_security_group_ingress_rule.target["by-group"].from_port == 1 && aws_vpc_security_group_ingress_rule.target["by-group"].to_port == 1 && aws_vpc_security_group_ingress_rule.target["by-group"].ip_protocol == "tcp"
    error_message = "The ingress rule is not the counterpart of the egress rule."
  }
}

run "descriptions_that_ec2_takes" {
  command = plan
  variables {
    reach = [
      { name = "Aufträge \"neu\"", port = 1, cidr = "10.0.0.0/8" },
      { name = "said", description = "orders, billing [a/b]", port = 2, cidr = "10.0.0.0/8" },
    ]
  }
  assert {
    condition     = aws_vpc_security_group_egress_rule.reach["Aufträge \"neu\""].description == "Auftr.ge .neu."
    error_message = jsonencode(aws_vpc_security_group_egress_rule.reach["Aufträge \"neu\""].description)
  }
  assert {
    condition     = aws_vpc_security_group_egress_rule.reach["said"].description == "orders, billing [a/b]"
    error_message = jsonencode(aws_vpc_security_group_egress_rule.reach["said"].description)
  }
}

run "warned_of_a_way_out_without_an_address" {
  command = plan
  variables {
    reach = [{ name = "six", port = 443, ipv6_cidr = "fd00::/8" }]
  }
  expect_failures = [check.ipv6_addresses]
}

run "refused_without_a_target" {
  command = plan
  variables {
    reach = [{ name = "a", port = 1 }]
  }
  expect_failures = [var.reach]
}

run "refused_with_two_targets" {
  command = plan
  variables {
    reach = [{ name = "a", port = 1, cidr = "10.0.0.0/8", security_group_id = "sg-1" }]
  }
  expect_failures = [var.reach]
}

run "refused_two_of_one_name" {
  command = plan
  variables {
    reach = [{ name = "a", port = 1, cidr = "10.0.0.0/8" }, { name = "a", port = 2, cidr = "10.0.0.0/8" }]
  }
  expect_failures = [var.reach]
}

run "refused_two_of_one_target" {
  command = plan
  variables {
    reach = [{ name = "a", port = 1, cidr = "10.0.0.0/8" }, { name = "b", port = 1, cidr = "10.0.0.0/8" }]
  }
  expect_failures = [var.reach]
}

run "refused_port_zero" {
  command = plan
  variables {
    reach = [{ name = "a", port = 0, cidr = "10.0.0.0/8" }]
  }
  expect_failures = [var.reach]
}

run "refused_port_too_high" {
  command = plan
  variables {
    reach = [{ name = "a", port = 65536, cidr = "10.0.0.0/8" }]
  }
  expect_failures = [var.reach]
}

run "refused_port_and_a_half" {
  command = plan
  variables {
    reach = [{ name = "a", port = 80.5, cidr = "10.0.0.0/8" }]
  }
  expect_failures = [var.reach]
}

run "over_udp_beside_tcp" {
  command = apply
  variables {
    allow_ingress_on_targets = true
    reach = [
      { name = "dns", port = 53, protocol = "udp", security_group_id = "sg-1" },
      { name = "dns-tcp", port = 53, security_group_id = "sg-1" },
    ]
  }
  assert {
    condition     = { for name, rule in aws_vpc_security_group_egress_rule.reach : name => "${rule.ip_protocol} ${rule.from_port} ${rule.to_port}" } == { dns = "udp 53 53", dns-tcp = "tcp 53 53" }
    error_message = "The egress rules are not of the protocols of their entries."
  }
  assert {
    condition     = { for name, rule in aws_vpc_security_group_ingress_rule.target : name => "${rule.ip_protocol} ${rule.from_port} ${rule.to_port}" } == { dns = "udp 53 53", dns-tcp = "tcp 53 53" }
    error_message = "The ingress rules are not the counterparts of the egress rules."
  }
}

run "refused_another_protocol" {
  command = plan
  variables {
    reach = [{ name = "a", port = 53, protocol = "icmp", cidr = "10.0.0.0/8" }]
  }
  expect_failures = [var.reach]
}

run "refused_no_range" {
  command = plan
  variables {
    reach = [{ name = "a", port = 1, cidr = "10.0.0.0" }]
  }
  expect_failures = [var.reach]
}

run "refused_six_for_four" {
  command = plan
  variables {
    reach = [{ name = "a", port = 1, cidr = "fd00::/8" }]
  }
  expect_failures = [var.reach]
}

run "refused_four_for_six" {
  command = plan
  variables {
    reach = [{ name = "a", port = 1, ipv6_cidr = "10.0.0.0/8" }]
  }
  expect_failures = [var.reach]
}
