mock_provider "aws" {
  override_data {
    target = data.aws_partition.current
    values = { partition = "aws" }
  }
}

run "github" {
  command = plan
  assert {
    condition     = aws_iam_openid_connect_provider.ci.url == "https://token.actions.githubusercontent.com" && aws_iam_openid_connect_provider.ci.client_id_list == toset(["sts.amazonaws.com"])
    error_message = jsonencode(aws_iam_openid_connect_provider.ci)
  }
}

run "in_china" {
  command = plan
  override_data {
    target = data.aws_partition.current
    values = { partition = "aws-cn" }
  }
  assert {
    condition     = aws_iam_openid_connect_provider.ci.client_id_list == toset(["sts.amazonaws.com.cn"])
    error_message = jsonencode(aws_iam_openid_connect_provider.ci)
  }
}

run "a_gitlab_with_two_audiences" {
  command = plan
  variables {
    issuer      = "https://gitlab.example.com:8443/git"
    audiences   = ["https://gitlab.example.com", "sts.amazonaws.com"]
    thumbprints = ["0123456789012345678901234567890123456789"]
    tags        = { team = "platform" }
  }
  assert {
    condition     = aws_iam_openid_connect_provider.ci.url == "https://gitlab.example.com:8443/git" && length(aws_iam_openid_connect_provider.ci.client_id_list) == 2
    error_message = jsonencode(aws_iam_openid_connect_provider.ci)
  }
  assert {
    condition     = aws_iam_openid_connect_provider.ci.thumbprint_list == tolist(["0123456789012345678901234567890123456789"]) && aws_iam_openid_connect_provider.ci.tags == tomap({ team = "platform" })
    error_message = jsonencode(aws_iam_openid_connect_provider.ci)
  }
}

run "refused" {
  command = plan
  variables {
    issuer    = "http://gitlab.com/"
    audiences = ["sts.*"]
  }
  expect_failures = [var.issuer, var.audiences]
}

run "refused_without_an_audience" {
  command = plan
  variables {
    audiences = []
  }
  expect_failures = [var.audiences]
}
