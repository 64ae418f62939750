mock_provider "aws" {
  override_data {
    target = data.aws_partition.current
    values = { partition = "aws", dns_suffix = "amazonaws.com" }
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
  function_name     = "system-tests"
  subjects          = ["repo:example-org/orders:environment:staging"]
  oidc_provider_arn = "arn:aws:iam::123456789012:oidc-provider/token.actions.githubusercontent.com"
}

run "one_function" {
  command = plan
  assert {
    condition     = aws_iam_role.ci.name == "system-tests-lamex-ci"
    error_message = aws_iam_role.ci.name
  }
  assert {
    condition = { for statement in jsondecode(aws_iam_role_policy.ci.policy).Statement : statement.Sid => statement.Resource } == {
      PruneVersions               = "arn:aws:lambda:us-east-2:123456789012:function:system-tests:*"
      DeployAndInvoke             = ["arn:aws:lambda:us-east-2:123456789012:function:system-tests", "arn:aws:lambda:us-east-2:123456789012:function:system-tests:*"]
      DoctorReadsTheExecutionRole = "arn:aws:iam::123456789012:role/system-tests-lamex"
      DoctorReadsPrivateNames     = "*"
      DoctorReadsTheNetwork       = "*"
      DoctorReadsThisRole         = "arn:aws:iam::123456789012:role/system-tests-lamex-ci"
      ReadTheLog                  = ["arn:aws:logs:us-east-2:123456789012:log-group:/aws/lambda/system-tests", "arn:aws:logs:us-east-2:123456789012:log-group:/aws/lambda/system-tests:*"]
    }
    error_message = aws_iam_role_policy.ci.policy
  }
  assert {
    condition = toset(flatten([for statement in jsondecode(aws_iam_role_policy.ci.policy).Statement : statement.Action if statement.Sid == "DeployAndInvoke"])) == toset([
      "lambda:GetFunctionConfiguration", "lambda:UpdateFunctionCode", "lambda:PublishVersion", "lambda:GetAlias", "lambda:UpdateAlias",
      "lambda:ListVersionsByFunction", "lambda:ListAliases", "lambda:InvokeFunction",
    ])
    error_message = aws_iam_role_policy.ci.policy
  }
  assert {
    # With a version in the ARN. Without one, it would be the function.
    condition     = [for statement in jsondecode(aws_iam_role_policy.ci.policy).Statement : statement if contains(flatten([statement.Action]), "lambda:DeleteFunction")][*].Resource == ["arn:aws:lambda:us-east-2:123456789012:function:system-tests:*"]
    error_message = aws_iam_role_policy.ci.policy
  }
  assert {
    # Whatever else it is: reading.
    condition = alltrue([for action in flatten([for statement in jsondecode(aws_iam_role_policy.ci.policy).Statement : statement.Action if !contains(["DeployAndInvoke", "PruneVersions"], statement.Sid)]) :
      can(regex("^(ec2:(Describe|GetManagedPrefixList)[A-Za-z]+|route53:List[A-Za-z]+|iam:(Get|List|Simulate)[A-Za-z]+|logs:(Get|Describe|Filter)[A-Za-z]+)$", action))
    ])
    error_message = aws_iam_role_policy.ci.policy
  }
  assert {
    condition     = alltrue([for statement in jsondecode(aws_iam_role_policy.ci.policy).Statement : statement.Effect == "Allow"])
    error_message = aws_iam_role_policy.ci.policy
  }
}

run "with_a_bucket_for_large_packages" {
  command = plan
  variables {
    artifacts_bucket         = "lamex-artifacts"
    max_session_hours        = 4
    permissions_boundary_arn = "arn:aws:iam::123456789012:policy/boundary"
  }
  assert {
    condition = jsonencode(reverse(jsondecode(aws_iam_role_policy.ci.policy).Statement)[0]) == jsonencode({
      Action   = ["s3:PutObject", "s3:GetObject"]
      Effect   = "Allow"
      Resource = "arn:aws:s3:::lamex-artifacts/lamex/system-tests/*"
      Sid      = "LargePackages"
    })
    error_message = aws_iam_role_policy.ci.policy
  }
  assert {
    condition     = aws_iam_role.ci.max_session_duration == 14400 && aws_iam_role.ci.permissions_boundary == "arn:aws:iam::123456789012:policy/boundary"
    error_message = "The session or the boundary is not heeded."
  }
}

run "encrypted_by_a_key_of_your_own" {
  command = plan
  variables {
    artifacts_bucket      = "lamex-artifacts"
    artifacts_kms_key_arn = "arn:aws:kms:us-east-2:123456789012:key/00000000-0000-0000-0000-000000000001"
  }
  assert {
    condition = jsonencode(reverse(jsondecode(aws_iam_role_policy.ci.policy).Statement)[0]) == jsonencode({
      Action    = ["kms:GenerateDataKey", "kms:Decrypt"]
      Condition = { StringEquals = { "kms:ViaService" = "s3.us-east-2.amazonaws.com" } }
      Effect    = "Allow"
      Resource  = "arn:aws:kms:us-east-2:123456789012:key/00000000-0000-0000-0000-000000000001"
      Sid       = "LargePackagesKey"
    })
    error_message = aws_iam_role_policy.ci.policy
  }
}

run "refused_an_alias_of_a_key" {
  command = plan
  variables {
    artifacts_bucket      = "lamex-artifacts"
    artifacts_kms_key_arn = "arn:aws:kms:us-east-2:123456789012:alias/artifacts"
  }
  expect_failures = [var.artifacts_kms_key_arn]
}

run "refused_a_key_without_a_bucket" {
  command = plan
  variables {
    artifacts_kms_key_arn = "arn:aws:kms:us-east-2:123456789012:key/00000000-0000-0000-0000-000000000001"
  }
  expect_failures = [var.artifacts_kms_key_arn]
}

run "refused" {
  command = plan
  variables {
    function_name     = "a23456789012345678901234567890123456789012345678901"
    max_session_hours = 13
  }
  expect_failures = [var.function_name, var.max_session_hours]
}
