mock_provider "aws" {}

variables {
  function_name     = "system-tests"
  oidc_provider_arn = "arn:aws:iam::123456789012:oidc-provider/token.actions.githubusercontent.com"
}

run "refused_nobody" {
  command = plan
  variables {
    subjects = []
  }
  expect_failures = [var.subjects]
}

run "refused_every_branch" {
  command = plan
  variables {
    subjects = ["repo:example-org/orders:ref:refs/heads/*"]
  }
  expect_failures = [var.subjects]
}

run "refused_every_repository" {
  command = plan
  variables {
    subjects = ["repo:example-org/*:ref:refs/heads/main"]
  }
  expect_failures = [var.subjects]
}

run "refused_one_letter_more" {
  command = plan
  variables {
    subjects = ["repo:example-org/orders:environment:stagin?"]
  }
  expect_failures = [var.subjects]
}

run "refused_a_good_one_beside" {
  command = plan
  variables {
    subjects = ["repo:example-org/orders:ref:refs/heads/main", "repo:example-org/orders:*"]
  }
  expect_failures = [var.subjects]
}

run "refused_no_branch" {
  command = plan
  variables {
    subjects = ["repo:example-org/orders"]
  }
  expect_failures = [var.subjects]
}

run "refused_pull_requests" {
  command = plan
  variables {
    subjects = ["repo:example-org/orders:pull_request"]
  }
  expect_failures = [var.subjects]
}

run "refused_tags" {
  command = plan
  variables {
    subjects = ["repo:example-org/orders:ref:refs/tags/v1"]
  }
  expect_failures = [var.subjects]
}

run "refused_half_an_id" {
  command = plan
  variables {
    subjects = ["repo:example-org@1234/orders:ref:refs/heads/main"]
  }
  expect_failures = [var.subjects]
}

run "refused_an_owner" {
  command = plan
  variables {
    subjects = ["repo:example-org:ref:refs/heads/main"]
  }
  expect_failures = [var.subjects]
}

run "refused_an_empty_branch" {
  command = plan
  variables {
    subjects = ["repo:example-org/orders:ref:refs/heads/"]
  }
  expect_failures = [var.subjects]
}

run "refused_a_policy_variable" {
  command = plan
  variables {
    subjects = ["repo:example-org/orders:environment:$${aws:username}"]
  }
  expect_failures = [var.subjects]
}

run "refused_gitlab_on_github" {
  command = plan
  variables {
    subjects = ["project_path:example-org/orders:ref_type:branch:ref:main"]
  }
  expect_failures = [var.subjects]
}

run "refused_gitlab_tags" {
  command = plan
  variables {
    issuer            = "https://gitlab.com"
    oidc_provider_arn = null
    subjects          = ["project_path:example-org/orders:ref_type:tag:ref:v1"]
  }
  expect_failures = [var.subjects]
}

run "refused_gitlab_project_without_group" {
  command = plan
  variables {
    issuer            = "https://gitlab.com"
    oidc_provider_arn = null
    subjects          = ["project_path:orders:ref_type:branch:ref:main"]
  }
  expect_failures = [var.subjects]
}

run "refused_github_on_gitlab" {
  command = plan
  variables {
    issuer            = "https://gitlab.com"
    oidc_provider_arn = null
    subjects          = ["repo:example-org/orders:ref:refs/heads/main"]
  }
  expect_failures = [var.subjects]
}
