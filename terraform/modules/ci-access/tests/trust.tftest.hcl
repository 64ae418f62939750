mock_provider "aws" {
  override_data {
    target = data.aws_partition.current
    values = { partition = "aws" }
  }
  override_data {
    target = data.aws_caller_identity.current
    values = { account_id = "123456789012" }
  }
}

variables {
  function_name     = "system-tests"
  subjects          = ["repo:example-org/orders:ref:refs/heads/main"]
  oidc_provider_arn = "arn:aws:iam::123456789012:oidc-provider/token.actions.githubusercontent.com"
}

run "exactly_the_subjects" {
  command = plan
  variables {
    subjects = ["repo:example-org/orders:ref:refs/heads/release/1.x", "repo:example-org@1234/orders@5678:environment:staging area", "repo:example-org@1/orders@2:ref:refs/heads/main"]
  }
  assert {
    condition = jsonencode(jsondecode(aws_iam_role.ci.assume_role_policy).Statement) == jsonencode([{
      Action = "sts:AssumeRoleWithWebIdentity"
      Condition = { StringEquals = {
        "token.actions.githubusercontent.com:aud" = "sts.amazonaws.com"
        "token.actions.githubusercontent.com:sub" = ["repo:example-org/orders:ref:refs/heads/release/1.x", "repo:example-org@1234/orders@5678:environment:staging area", "repo:example-org@1/orders@2:ref:refs/heads/main"]
      } }
      Effect    = "Allow"
      Principal = { Federated = "arn:aws:iam::123456789012:oidc-provider/token.actions.githubusercontent.com" }
    }])
    error_message = aws_iam_role.ci.assume_role_policy
  }
}

run "gitlab" {
  command = plan
  variables {
    issuer            = "https://gitlab.example.com:8443/git"
    audience          = "https://gitlab.example.com"
    oidc_provider_arn = "arn:aws:iam::123456789012:oidc-provider/gitlab.example.com:8443/git"
    subjects          = ["project_path:example-org/platform/orders:ref_type:branch:ref:main", "project_path:example-org/orders:environment:staging"]
  }
  assert {
    condition = jsondecode(aws_iam_role.ci.assume_role_policy).Statement[0].Condition.StringEquals == {
      "gitlab.example.com:8443/git:aud" = "https://gitlab.example.com"
      "gitlab.example.com:8443/git:sub" = ["project_path:example-org/platform/orders:ref_type:branch:ref:main", "project_path:example-org/orders:environment:staging"]
    }
    error_message = aws_iam_role.ci.assume_role_policy
  }
}

run "the_account_s_own_provider" {
  command = plan
  variables {
    oidc_provider_arn = null
  }
  assert {
    condition     = jsondecode(aws_iam_role.ci.assume_role_policy).Statement[0].Principal.Federated == "arn:aws:iam::123456789012:oidc-provider/token.actions.githubusercontent.com"
    error_message = aws_iam_role.ci.assume_role_policy
  }
  assert {
    condition     = output.oidc_provider_arn == "arn:aws:iam::123456789012:oidc-provider/token.actions.githubusercontent.com"
    error_message = output.oidc_provider_arn
  }
}

run "in_china" {
  command = plan
  override_data {
    target = data.aws_partition.current
    values = { partition = "aws-cn" }
  }
  variables {
    issuer            = "https://gitlab.example.com:8443/git"
    oidc_provider_arn = null
    subjects          = ["project_path:example-org/orders:ref_type:branch:ref:main"]
  }
  assert {
    condition     = jsondecode(aws_iam_role.ci.assume_role_policy).Statement[0].Principal.Federated == "arn:aws-cn:iam::123456789012:oidc-provider/gitlab.example.com:8443/git"
    error_message = aws_iam_role.ci.assume_role_policy
  }
  assert {
    condition     = jsondecode(aws_iam_role.ci.assume_role_policy).Statement[0].Condition.StringEquals["gitlab.example.com:8443/git:aud"] == "sts.amazonaws.com.cn"
    error_message = aws_iam_role.ci.assume_role_policy
  }
}

run "refused_issuer_and_audience" {
  command = plan
  variables {
    issuer   = "http://gitlab.com/"
    audience = "sts.*"
  }
  expect_failures = [var.issuer, var.audience]
}

run "refused_provider_of_another_issuer" {
  command = plan
  variables {
    oidc_provider_arn = "arn:aws:iam::123456789012:oidc-provider/gitlab.com"
  }
  expect_failures = [var.oidc_provider_arn]
}
