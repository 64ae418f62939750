resource "aws_iam_openid_connect_provider" "ci" {
  count = var.oidc_provider_arn == null ? 1 : 0

  url             = var.issuer
  client_id_list  = [var.audience]
  thumbprint_list = var.thumbprints
  tags            = var.tags
}

locals {
  oidc_provider_arn = var.oidc_provider_arn == null ? aws_iam_openid_connect_provider.ci[0].arn : var.oidc_provider_arn
  issuer_host       = trimprefix(var.issuer, "https://")
}
