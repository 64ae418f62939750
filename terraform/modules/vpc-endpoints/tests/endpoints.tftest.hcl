mock_provider "aws" {
  override_data {
    target = data.aws_region.current
    values = { region = "us-east-2" }
  }
}

variables {
  function_name            = "system-tests"
  vpc_id                   = "vpc-1"
  runner_security_group_id = "sg-runner"
}

run "nothing_by_default" {
  command = plan
  assert {
    condition     = length(aws_vpc_endpoint.gateway) + length(aws_vpc_endpoint.interface) + length(aws_security_group.endpoints) == 0
    error_message = "There are endpoints that nobody asked for."
  }
  assert {
    condition     = length(aws_vpc_security_group_egress_rule.gateway) + length(aws_vpc_security_group_egress_rule.interface) == 0
    error_message = "The runner may reach endpoints that are not there."
  }
}

run "gateways" {
  variables {
    gateway_services = ["s3", "dynamodb"]
    route_table_ids  = ["rtb-1", "rtb-2"]
  }
  assert {
    condition     = { for service, endpoint in aws_vpc_endpoint.gateway : service => endpoint.service_name } == { dynamodb = "com.amazonaws.us-east-2.dynamodb", s3 = "com.amazonaws.us-east-2.s3" }
    error_message = jsonencode(aws_vpc_endpoint.gateway)
  }
  assert {
    condition     = alltrue([for endpoint in aws_vpc_endpoint.gateway : endpoint.vpc_endpoint_type == "Gateway" && endpoint.vpc_id == "vpc-1" && endpoint.route_table_ids == toset(["rtb-1", "rtb-2"])])
    error_message = jsonencode(aws_vpc_endpoint.gateway)
  }
  assert {
    condition = alltrue([for service, rule in aws_vpc_security_group_egress_rule.gateway :
      rule.security_group_id == "sg-runner" && rule.prefix_list_id == aws_vpc_endpoint.gateway[service].prefix_list_id && rule.from_port == 443 && rule.to_port == 443 && rule.ip_protocol == "tcp"
    ]) && length(aws_vpc_security_group_egress_rule.gateway) == 2
    error_message = "The runner does not reach the gateways, or more than them."
  }
  assert {
    condition     = length(aws_security_group.endpoints) == 0 && output.security_group_id == null && length(output.gateway_endpoint_ids) == 2
    error_message = "A gateway has no security group."
  }
}

run "interfaces" {
  variables {
    interface_services = ["secretsmanager", "ecr.api"]
    subnet_ids         = ["subnet-1", "subnet-2"]
    tags               = { team = "orders" }
  }
  assert {
    condition     = toset([for endpoint in aws_vpc_endpoint.interface : endpoint.service_name]) == toset(["com.amazonaws.us-east-2.secretsmanager", "com.amazonaws.us-east-2.ecr.api"])
    error_message = jsonencode(aws_vpc_endpoint.interface)
  }
  assert {
    condition = alltrue([for endpoint in aws_vpc_endpoint.interface :
      endpoint.vpc_endpoint_type == "Interface" && endpoint.subnet_ids == toset(["subnet-1", "subnet-2"]) && endpoint.private_dns_enabled && endpoint.security_group_ids == toset([output.security_group_id]) && endpoint.tags.team == "orders"
    ])
    error_message = jsonencode(aws_vpc_endpoint.interface)
  }
  assert {
    condition     = aws_security_group.endpoints[0].name == "system-tests-lamex-endpoints" && aws_security_group.endpoints[0].vpc_id == "vpc-1"
    error_message = aws_security_group.endpoints[0].name
  }
  assert {
    condition     = aws_vpc_security_group_ingress_rule.runner[0].referenced_security_group_id == "sg-runner" && aws_vpc_security_group_ingress_rule.runner[0].security_group_id == output.security_group_id && aws_vpc_security_group_ingress_rule.runner[0].from_port == 443 && aws_vpc_security_group_ingress_rule.runner[0].to_port == 443
    error_message = "The endpoints do not let in the runner, or more than it."
  }
  assert {
    condition     = length(aws_vpc_security_group_ingress_rule.further) == 0
    error_message = "The endpoints let in more than the runner."
  }
  assert {
    condition     = aws_vpc_security_group_egress_rule.interface[0].security_group_id == "sg-runner" && aws_vpc_security_group_egress_rule.interface[0].referenced_security_group_id == output.security_group_id
    error_message = "The runner does not reach the endpoints."
  }
}

run "beside_other_users_of_the_vpc" {
  command = plan
  variables {
    interface_services = ["logs"]
    subnet_ids         = ["subnet-1"]
    private_dns        = false

    further_security_group_ids = ["sg-a", "sg-b"]
  }
  assert {
    condition     = jsonencode(aws_vpc_security_group_ingress_rule.further[*].referenced_security_group_id) == jsonencode(["sg-a", "sg-b"])
    error_message = "Who is named is not let in."
  }
  assert {
    condition     = aws_vpc_endpoint.interface["logs"].private_dns_enabled == false
    error_message = "private_dns is not heeded."
  }
}

run "refused_without_a_place" {
  command = plan
  variables {
    gateway_services   = ["s3"]
    interface_services = ["logs"]
    function_name      = "a23456789012345678901234567890123456789012345678901"
  }
  expect_failures = [var.route_table_ids, var.subnet_ids, var.function_name]
}

run "refused_services" {
  command = plan
  variables {
    gateway_services   = ["sqs"]
    route_table_ids    = ["rtb-1"]
    interface_services = ["com.amazonaws.us-east-2:logs"]
    subnet_ids         = ["subnet-1"]
  }
  expect_failures = [var.gateway_services, var.interface_services]
}

run "refused_what_would_cost" {
  command = plan
  variables {
    interface_services = ["s3"]
    subnet_ids         = ["subnet-1"]
  }
  expect_failures = [var.interface_services]
}

run "a_group_that_is_somebody_else_s_gets_no_rules" {
  variables {
    gateway_services    = ["s3"]
    route_table_ids     = ["rtb-1"]
    interface_services  = ["sts"]
    subnet_ids          = ["subnet-1"]
    runner_egress_rules = false
  }
  assert {
    condition     = length(aws_vpc_security_group_egress_rule.gateway) + length(aws_vpc_security_group_egress_rule.interface) == 0
    error_message = "A rule is made in it."
  }
  assert {
    condition     = aws_vpc_security_group_ingress_rule.runner[0].referenced_security_group_id == "sg-runner"
    error_message = "The endpoints do not let it in."
  }
}

run "a_prefix_of_their_names" {
  command = plan
  variables {
    interface_services = ["sts"]
    subnet_ids         = ["subnet-1"]
    name_prefix        = "shared-"
  }
  assert {
    condition     = aws_security_group.endpoints[0].name == "shared-system-tests-lamex-endpoints" && aws_vpc_endpoint.interface["sts"].tags.Name == "shared-system-tests-lamex-sts"
    error_message = aws_security_group.endpoints[0].name
  }
}

run "names_of_services_elsewhere" {
  command = plan
  override_data {
    target = data.aws_region.current
    values = { region = "cn-north-1" }
  }
  variables {
    interface_services = ["sts", "secretsmanager"]
    subnet_ids         = ["subnet-1"]
  }
  assert {
    condition     = { for service, endpoint in aws_vpc_endpoint.interface : service => endpoint.service_name } == { secretsmanager = "com.amazonaws.cn-north-1.secretsmanager", sts = "cn.com.amazonaws.cn-north-1.sts" }
    error_message = jsonencode(aws_vpc_endpoint.interface)
  }
  assert {
    condition     = aws_vpc_endpoint.interface["sts"].tags.Name == "system-tests-lamex-sts"
    error_message = aws_vpc_endpoint.interface["sts"].tags.Name
  }
}
