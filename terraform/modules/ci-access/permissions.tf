# What lamex-ctl deploy, rollback, prune, invoke and doctor do, on this one function. The function's configuration, who
# else may invoke it and which role it has are not CI's: no UpdateFunctionConfiguration, AddPermission or PassRole.

locals {
  statements = [
    {
      Sid    = "DeployAndInvoke"
      Effect = "Allow"
      Action = [
        # Not GetFunction, which also hands out a link to the code.
        "lambda:GetFunctionConfiguration",
        "lambda:UpdateFunctionCode",
        "lambda:PublishVersion",
        "lambda:GetAlias",
        "lambda:UpdateAlias",
        "lambda:ListVersionsByFunction",
        "lambda:ListAliases",
        # Streamed invocations need it, too.
        "lambda:InvokeFunction",
      ]
      Resource = [local.function_arn, "${local.function_arn}:*"]
    },
    {
      # Of versions alone: without a version in the ARN, it would be the function with all of them.
      Sid      = "PruneVersions"
      Effect   = "Allow"
      Action   = "lambda:DeleteFunction"
      Resource = "${local.function_arn}:*"
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

  # Without it Lambda keeps the variables to itself, and nobody knows what the function allows. As Lambda calls KMS for it,
  # and in no other way. Neither new code nor a new version needs more: encrypting is for whoever configures the function.
  variables_key_statements = [for key in var.kms_key_arn[*] : {
    Sid       = "VariablesKey"
    Effect    = "Allow"
    Action    = "kms:Decrypt"
    Resource  = key
    Condition = { StringEquals = { "kms:ViaService" = "lambda.${data.aws_region.current.region}.${data.aws_partition.current.dns_suffix}" } }
  }]

  artifacts_statements = [for bucket in var.artifacts_bucket[*] : {
    Sid      = "LargePackages"
    Effect   = "Allow"
    Action   = ["s3:PutObject", "s3:GetObject"]
    Resource = "arn:${local.partition}:s3:::${bucket}/lamex/${var.function_name}/*"
  }]

  # As S3 calls KMS for it, and in no other way.
  artifacts_key_statements = [for key in var.artifacts_kms_key_arn[*] : {
    Sid       = "LargePackagesKey"
    Effect    = "Allow"
    Action    = ["kms:GenerateDataKey", "kms:Decrypt"]
    Resource  = key
    Condition = { StringEquals = { "kms:ViaService" = "s3.${data.aws_region.current.region}.${data.aws_partition.current.dns_suffix}" } }
  }]
}
