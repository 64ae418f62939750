# What lamex-ctl deploy, rollback, invoke and doctor do, on this one function. The function's configuration, who else may
# invoke it and which role it has are not CI's: no UpdateFunctionConfiguration, AddPermission or PassRole.

locals {
  statements = [
    {
      Sid    = "DeployAndInvoke"
      Effect = "Allow"
      Action = [
        "lambda:GetFunction",
        "lambda:GetFunctionConfiguration",
        "lambda:UpdateFunctionCode",
        "lambda:PublishVersion",
        "lambda:GetAlias",
        "lambda:UpdateAlias",
        "lambda:ListVersionsByFunction",
        # Streamed invocations need it, too.
        "lambda:InvokeFunction",
      ]
      Resource = [local.function_arn, "${local.function_arn}:*"]
    },
    {
      # EC2's Describe actions take no resource.
      Sid    = "DoctorReadsTheNetwork"
      Effect = "Allow"
      Action = [
        "ec2:DescribeSubnets",
        "ec2:DescribeSecurityGroups",
        "ec2:DescribeRouteTables",
        "ec2:DescribeNetworkAcls",
        "ec2:DescribeVpcEndpoints",
        "ec2:DescribeVpcAttribute",
        "ec2:DescribeVpcs",
        "ec2:DescribeNetworkInterfaces",
        "ec2:DescribeNatGateways",
        "ec2:DescribePrefixLists",
        "ec2:DescribeManagedPrefixLists",
        "ec2:GetManagedPrefixListEntries",
        "ec2:DescribeVpcPeeringConnections",
        "ec2:DescribeDhcpOptions",
      ]
      Resource = "*"
    },
    {
      # Names under `reach` may be in any private zone, also in one that the VPC should ask and does not.
      Sid    = "DoctorReadsPrivateNames"
      Effect = "Allow"
      Action = [
        "route53:ListHostedZones",
        "route53:ListHostedZonesByVPC",
        "route53:ListResourceRecordSets",
      ]
      Resource = "*"
    },
    {
      Sid    = "DoctorReadsTheExecutionRole"
      Effect = "Allow"
      Action = [
        "iam:GetRole",
        "iam:GetRolePolicy",
        "iam:ListRolePolicies",
        "iam:ListAttachedRolePolicies",
        "iam:SimulatePrincipalPolicy",
      ]
      Resource = local.execution_role_arn
    },
    {
      # What CI itself may do.
      Sid      = "DoctorReadsThisRole"
      Effect   = "Allow"
      Action   = ["iam:GetRole", "iam:SimulatePrincipalPolicy"]
      Resource = local.ci_role_arn
    },
    {
      Sid    = "ReadTheLog"
      Effect = "Allow"
      Action = [
        "logs:DescribeLogStreams",
        "logs:FilterLogEvents",
        "logs:GetLogEvents",
      ]
      Resource = [local.log_group_arn, "${local.log_group_arn}:*"]
    },
  ]

  artifacts_statements = [for bucket in var.artifacts_bucket[*] : {
    Sid      = "LargePackages"
    Effect   = "Allow"
    Action   = ["s3:PutObject", "s3:GetObject"]
    Resource = "arn:${local.partition}:s3:::${bucket}/lamex/${var.function_name}/*"
  }]
}
