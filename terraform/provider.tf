# The account and the region are those of lamex.yaml, whatever the caller's credentials are for.

provider "aws" {
  region              = module.config.environment.region
  profile             = module.config.environment.profile
  allowed_account_ids = module.config.environment.account[*]

  # lamex.yaml's endpoint_url stands for all of AWS, as it does for lamex-ctl.
  skip_metadata_api_check = module.config.environment.endpoint_url != null

  dynamic "endpoints" {
    for_each = module.config.environment.endpoint_url[*]
    content {
      cloudwatch = endpoints.value
      ec2        = endpoints.value
      iam        = endpoints.value
      lambda     = endpoints.value
      logs       = endpoints.value
      scheduler  = endpoints.value
      sts        = endpoints.value
    }
  }
}
