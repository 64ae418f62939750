# An account has one provider for an issuer, and all its roles for CI trust that one: it belongs to no environment.
# modules/oidc-provider makes it where it is missing.

locals {
  issuer_host       = trimprefix(var.issuer, "https://")
  oidc_provider_arn = coalesce(var.oidc_provider_arn, "arn:${local.partition}:iam::${local.account}:oidc-provider/${local.issuer_host}")
  audience          = coalesce(var.audience, local.partition == "aws-cn" ? "sts.amazonaws.com.cn" : "sts.amazonaws.com")
}

# This module once made the provider itself. A state that still has it forgets it, and AWS keeps it.
removed {
  from = aws_iam_openid_connect_provider.ci

  lifecycle {
    destroy = false
  }
}
