module "oidc_provider" {
  source = "../modules/oidc-provider"
  count  = var.oidc_provider == null ? 0 : 1

  issuer      = var.oidc_provider.issuer
  audiences   = var.oidc_provider.audiences
  thumbprints = var.oidc_provider.thumbprints
  tags        = local.environment.tags
}
