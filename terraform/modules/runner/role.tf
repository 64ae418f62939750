resource "aws_iam_role" "execution" {
  count = var.existing_role == null ? 1 : 0

  name                 = local.resource_name
  path                 = var.role_path
  description          = "Execution role of the function ${var.function_name}."
  permissions_boundary = var.permissions_boundary_arn
  tags                 = var.tags

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { Service = "lambda.amazonaws.com" }
    }]
  })
}

resource "aws_iam_role_policy" "execution" {
  count = var.existing_role == null ? 1 : 0

  name   = "lamex"
  role   = aws_iam_role.execution[0].name
  policy = jsonencode({ Version = "2012-10-17", Statement = concat(local.own_statements, local.variables_key_statements, local.trace_statements, local.further_statements) })
}

resource "aws_iam_role_policy_attachment" "further" {
  for_each = toset(var.role.policy_arns)

  role       = aws_iam_role.execution[0].name
  policy_arn = each.value
}

locals {
  # One of the two. Nothing is added to an existing role.
  role_arn = one(concat(aws_iam_role.execution[*].arn, var.existing_role[*].arn))

  network_interface_actions = [
    "ec2:CreateNetworkInterface",
    "ec2:DescribeNetworkInterfaces",
    "ec2:DescribeSubnets",
    "ec2:DeleteNetworkInterface",
    "ec2:AssignPrivateIpAddresses",
    "ec2:UnassignPrivateIpAddresses",
  ]

  # DetachNetworkInterface is none of those above: `role` may have allowed it.
  network_interface_changes = [
    "ec2:CreateNetworkInterface",
    "ec2:DeleteNetworkInterface",
    "ec2:DetachNetworkInterface",
    "ec2:AssignPrivateIpAddresses",
    "ec2:UnassignPrivateIpAddresses",
  ]

  own_statements = [
    {
      Sid      = "NetworkInterfaces"
      Effect   = "Allow"
      Action   = local.network_interface_actions
      Resource = "*"
    },
    {
      # Those are for the Lambda service, which assumes this role outside of the function. The code in the function,
      # which AWS tells apart by this key, must not change interfaces. It may look at them, as tests do.
      Sid       = "NoNetworkInterfacesFromTheCode"
      Effect    = "Deny"
      Action    = local.network_interface_changes
      Resource  = "*"
      Condition = { ArnEquals = { "lambda:SourceFunctionArn" = local.function_arn } }
    },
    {
      Sid      = "Log"
      Effect   = "Allow"
      Action   = ["logs:CreateLogStream", "logs:PutLogEvents"]
      Resource = "${local.log_group_arn}:*"
    },
  ]

  # Lambda decrypts the variables in the role's name before it starts the function.
  variables_key_statements = [for key in var.kms_key_arn[*] : {
    Sid      = "VariablesKey"
    Effect   = "Allow"
    Action   = "kms:Decrypt"
    Resource = key
  }]

  # X-Ray takes no resource.
  trace_statements = [for tracing in [var.tracing] : {
    Sid      = "Traces"
    Effect   = "Allow"
    Action   = ["xray:PutTraceSegments", "xray:PutTelemetryRecords"]
    Resource = "*"
  } if tracing]

  further_statements = [for statement in var.role.statements : merge(
    { Effect = statement.effect, Action = statement.actions, Resource = statement.resources },
    { for key, conditions in { Condition = statement.conditions } : key => conditions if length(conditions) > 0 },
  )]
}
