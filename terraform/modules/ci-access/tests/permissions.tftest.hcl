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
      "lambda:GetFunction", "lambda:GetFunctionConfiguration", "lambda:UpdateFunctionCode", "lambda:PublishVersion", "lambda:GetAlias",
      "lambda:UpdateAlias", "lambda:ListVersionsByFunction", "lambda:InvokeFunction",
    ])
    error_message = aws_iam_role_policy.ci.policy
  }
  assert {
    # Whatever else it is: reading.
    condition = alltrue([for action in flatten([for statement in jsondecode(aws_iam_role_policy.ci.policy).Statement : statement.Action if statement.Sid != "DeployAndInvoke"]) :
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

run "refused" {
  command = plan
  variables {
    function_name     = "a23456789012345678901234567890123456789012345678901"
    max_session_hours = 13
  }
  expect_failures = [var.function_name, var.max_session_hours]
}
