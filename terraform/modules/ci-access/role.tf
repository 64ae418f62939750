resource "aws_iam_role" "ci" {
  name                 = local.ci_role_name
  path                 = var.role_path
  description          = "CI deploys and invokes the function ${var.function_name}."
  max_session_duration = var.max_session_hours * 3600
  permissions_boundary = var.permissions_boundary_arn
  tags                 = var.tags

  lifecycle {
    precondition {
      condition     = length(local.misplaced) == 0
      error_message = join("\n", local.misplaced)
    }
  }

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRoleWithWebIdentity"
      Principal = { Federated = local.oidc_provider_arn }
      # StringEquals and not StringLike: a subject is a subject, never a pattern.
      Condition = { StringEquals = {
        "${local.issuer_host}:aud" = local.audience
        "${local.issuer_host}:sub" = var.subjects
      } }
    }]
  })
}

resource "aws_iam_role_policy" "ci" {
  name   = "lamex"
  role   = aws_iam_role.ci.name
  policy = jsonencode({ Version = "2012-10-17", Statement = concat(local.statements, local.variables_key_statements, local.artifacts_statements, local.artifacts_key_statements) })
}
