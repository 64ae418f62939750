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

run "only_what_running_takes" {
  command = plan
  assert {
    condition     = aws_iam_role.execution[0].name == "system-tests-lamex"
    error_message = jsonencode(aws_iam_role.execution[0].name)
  }
  assert {
    condition     = aws_iam_role.execution[0].permissions_boundary == null
    error_message = jsonencode(aws_iam_role.execution[0].permissions_boundary)
  }
  assert {
    condition     = jsondecode(aws_iam_role.execution[0].assume_role_policy).Statement == [{ Action = "sts:AssumeRole", Effect = "Allow", Principal = { Service = "lambda.amazonaws.com" } }]
    error_message = aws_iam_role.execution[0].assume_role_policy
  }
  assert {
    condition     = length(aws_iam_role_policy_attachment.further) == 0
    error_message = jsonencode(length(aws_iam_role_policy_attachment.further))
  }
  assert {
    condition = jsonencode(jsondecode(aws_iam_role_policy.execution[0].policy).Statement) == jsonencode([
      { Action = ["ec2:CreateNetworkInterface", "ec2:DescribeNetworkInterfaces", "ec2:DescribeSubnets", "ec2:DeleteNetworkInterface", "ec2:AssignPrivateIpAddresses", "ec2:UnassignPrivateIpAddresses"], Effect = "Allow", Resource = "*", Sid = "NetworkInterfaces" },
      { Action = ["ec2:CreateNetworkInterface", "ec2:DeleteNetworkInterface", "ec2:DetachNetworkInterface", "ec2:AssignPrivateIpAddresses", "ec2:UnassignPrivateIpAddresses"], Condition = { ArnEquals = { "lambda:SourceFunctionArn" = "arn:aws:lambda:us-east-2:123456789012:function:system-tests" } }, Effect = "Deny", Resource = "*", Sid = "NoNetworkInterfacesFromTheCode" },
      { Action = ["logs:CreateLogStream", "logs:PutLogEvents"], Effect = "Allow", Resource = "arn:aws:logs:us-east-2:123456789012:log-group:/aws/lambda/system-tests:*", Sid = "Log" },
    ])
    error_message = aws_iam_role_policy.execution[0].policy
  }
}

run "and_what_lamex_yaml_adds" {
  command = plan
  variables {
    permissions_boundary_arn = "arn:aws:iam::123456789012:policy/boundary"
    role = {
      policy_arns = ["arn:aws:iam::aws:policy/AmazonDynamoDBReadOnlyAccess"]
      statements = [
        { actions = ["dynamodb:GetItem"], resources = ["*"] },
        { effect = "Deny", actions = ["s3:*"], resources = ["*"], conditions = { StringNotEquals = { "aws:RequestedRegion" = ["us-east-2"] } } },
      ]
    }
  }
  assert {
    condition     = aws_iam_role.execution[0].permissions_boundary == "arn:aws:iam::123456789012:policy/boundary"
    error_message = jsonencode(aws_iam_role.execution[0].permissions_boundary)
  }
  assert {
    condition     = jsonencode([for attachment in aws_iam_role_policy_attachment.further : attachment.policy_arn]) == jsonencode(["arn:aws:iam::aws:policy/AmazonDynamoDBReadOnlyAccess"])
    error_message = "The managed policy is not attached."
  }
  assert {
    condition = jsonencode(slice(jsondecode(aws_iam_role_policy.execution[0].policy).Statement, 3, length(jsondecode(aws_iam_role_policy.execution[0].policy).Statement))) == jsonencode([
      { Action = ["dynamodb:GetItem"], Effect = "Allow", Resource = ["*"] },
      { Action = ["s3:*"], Condition = { StringNotEquals = { "aws:RequestedRegion" = ["us-east-2"] } }, Effect = "Deny", Resource = ["*"] },
    ])
    error_message = aws_iam_role_policy.execution[0].policy
  }
}

run "traces_are_written_in_its_name" {
  command = plan
  variables {
    tracing = true
  }
  assert {
    condition = jsonencode(slice(jsondecode(aws_iam_role_policy.execution[0].policy).Statement, 3, length(jsondecode(aws_iam_role_policy.execution[0].policy).Statement))) == jsonencode([
      { Action = ["xray:PutTraceSegments", "xray:PutTelemetryRecords"], Effect = "Allow", Resource = "*", Sid = "Traces" },
    ])
    error_message = aws_iam_role_policy.execution[0].policy
  }
}

run "refused_effect" {
  command = plan
  variables {
    role = { statements = [{ effect = "allow", actions = ["s3:*"], resources = ["*"] }] }
  }
  expect_failures = [var.role]
}

run "refused_without_actions" {
  command = plan
  variables {
    role = { statements = [{ actions = [], resources = ["*"] }] }
  }
  expect_failures = [var.role]
}
